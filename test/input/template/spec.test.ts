// The fleet as a whole: order, purity, digests, targets, session commands, and fields that render nowhere.
import { describe, expect, test } from "vitest";
import { renderFleet } from "../../../src/input/template/render.ts";
import type { AgentSpec, Spec } from "../../../src/model/fleet.ts";
import { readFleet } from "../../support/read-fleet.ts";
import { agentSpec, buildSpec, file, MACHINE, SESSION, type SpecParts, specOf } from "../../support/spec-builders.ts";

describe("the same spec", () => {
  test("renders the same, in whatever order agents, tools, globs and keys were written", async () => {
    const spec = readFleet();
    const backwards: Spec = {
      ...spec,
      agents: [...spec.agents].reverse().map((agent) => ({
        ...agent,
        tools: [...agent.tools].reverse(),
        cannotAccess: [...agent.cannotAccess].reverse(),
        delegatesTo: [...agent.delegatesTo].reverse(),
      })),
      templates: Object.fromEntries(Object.entries(spec.templates).reverse()),
    };
    const [one, other] = [await renderFleet(spec), await renderFleet(backwards)];
    expect(other.fleet?.digest).toBe(one.fleet?.digest);
    const files = (result: typeof one) => result.fleet?.agents.map((agent) => [agent.name, agent.files]);
    expect(files(other)).toEqual(files(one));
  });

  test("gives the same digest with other comments and another PATH, and another with any other input", async () => {
    const digest = async (parts: SpecParts) => (await renderFleet(buildSpec(parts))).fleet?.digest;
    const before = await digest({});
    expect(before).toMatch(/^[0-9a-f]{32}$/);
    const place = { file: "desired/registry.yaml", line: 90, col: 1 };
    expect(await digest({ agents: [agentSpec({ place })], machine: { ...MACHINE, sessionPath: "/opt/bin" } })).toBe(
      before,
    );
    const inputs: SpecParts[] = [
      { name: "other" },
      { agents: [agentSpec({ tools: ["Read"] })] },
      { agents: [agentSpec({ session: { ...SESSION, fallback: ["sh"] } })] },
      { agents: [agentSpec({ deniedGlobs: [{ glob: "x", owner: "printer" }] })] },
      { agents: [agentSpec({ env: { DESK: "night" } })] },
      { templates: { "page.md": "{{ agent.name }}!\n" } },
      { templates: { "page.md": "{{ agent.name }}\n", "unused.md": "" } },
      { machine: { ...MACHINE, variables: { DESK: "night" } } },
      { machine: { ...MACHINE, sessionCommand: ["sh"] } },
      { session: { ...SESSION, prefix: "x-" } },
      { hook: { path: "h", access: "all", alwaysAllowedTools: [] } },
      { retire: { label: "x", archive: [], delete: ["old"], keep: [] } },
    ];
    const others = await Promise.all(inputs.map(digest));
    expect(new Set([before, ...others]).size).toBe(inputs.length + 1);
  });

  test("ten times the agents are about ten times the work: no step looks at all others", async () => {
    const spec = readFleet();
    /** How often a field of an agent is read while so many are rendered. */
    const looks = async (count: number) => {
      let read = 0;
      const get = (agent: AgentSpec, field: keyof AgentSpec) => {
        read += 1;
        return agent[field];
      };
      const agents = Array.from({ length: count }, (_, index) => {
        const model = spec.agents[index % spec.agents.length] ?? agentSpec();
        return new Proxy({ ...model, name: `agent-${index}`, dir: `agent-${index}` }, { get });
      });
      const { fleet } = await renderFleet({ ...spec, agents });
      expect(fleet?.agents).toHaveLength(count);
      return read;
    };
    const few = await looks(260);
    expect(few).toBeGreaterThan(260);
    // Sorting reads n log n names.
    expect((await looks(2_600)) / few).toBeLessThan(15);
  });

  test("tells which variables each template names", async () => {
    const text =
      "{{ agent.model }}{% for a in agents %}{{ a.name }}{% endfor %}{{ fleet.hook.path }}{{ agent['dir'] }}";
    const { variables } = await renderFleet(specOf("page.md", text));
    expect(variables).toEqual({ "page.md": ["agent.dir", "agent.model", "agents", "fleet.hook.path"] });
  });
});

describe("a field of the registry", () => {
  const unused = async (parts: SpecParts) => {
    const { diagnostics } = await renderFleet(buildSpec(parts));
    return diagnostics.filter((one) => one.code === "W203").map((one) => one.message.split(" ")[0]);
  };
  const page = (text: string) => ({ templates: { "page.md": text } });

  test("that is set and shown nowhere is warned of; enforced ones and empty ones are not", async () => {
    expect(await unused({})).toEqual(["display_name", "description", "model", "responsibilities", "forbidden"]);
    expect(await unused({ agents: [agentSpec({ forbidden: [], responsibilities: [], description: "" })] })).toEqual([
      "display_name",
      "model",
    ]);
  });

  test("counts as shown in a loop over agents, a filter's argument, a session's command, or with the whole agent", async () => {
    const most =
      "{{ agent.description }}{{ agent.display_name }}{{ agent.forbidden | size }}{{ agent.responsibilities | size }}";
    expect(await unused(page(most))).toEqual(["model"]);
    expect(await unused(page(`${most}{% for a in agents %}{{ a.model }}{% endfor %}`))).toEqual([]);
    expect(await unused(page(`${most}{{ agents | map: "model" | join: " " }}`))).toEqual([]);
    expect(await unused(page("{{ agent | json }}"))).toEqual([]);
    const session = { ...SESSION, command: ["claude", "--model", "{{ agent.model }}"] };
    expect(await unused({ ...page(most), session, agents: [agentSpec({ session })] })).toEqual([]);
  });

  test("the warnings stand in the fleet, after the spec's own", async () => {
    const own = { code: "W101", severity: "warning", file: "x", line: 1, col: 1, message: "prose" } as const;
    const { fleet } = await renderFleet(buildSpec({ warnings: [own] }));
    expect(fleet?.warnings.map((one) => one.code)).toEqual(["W101", "W203", "W203", "W203", "W203", "W203"]);
  });
});

describe("a target", () => {
  const faults = async (targets: readonly string[], parts: SpecParts = {}) => {
    const { diagnostics } = await renderFleet(
      buildSpec({
        files: targets.map((target) => file("page.md", { target })),
        ...parts,
      }),
    );
    return diagnostics.filter((one) => one.severity === "error").map((one) => [one.code, one.message]);
  };

  test.each([
    ["../editor2/x", "/srv/newsroom/agents/editor2/x"],
    [".claude/../../x", "/srv/newsroom/agents/x"],
    ["/etc/passwd", "/etc/passwd"],
    [".", "/srv/newsroom/agents/editor"],
    ["..", "/srv/newsroom/agents"],
  ])("%s is not in the agent's folder: the resolved path is shown", async (target, resolved) => {
    const [fault, ...more] = await faults([target]);
    expect(more).toEqual([]);
    expect(fault?.[0]).toBe("E216");
    expect(fault?.[1]).toMatch(new RegExp(`: ${resolved.replaceAll(".", "\\.")} \\(for editor\\)$`));
  });

  test("may hold Liquid, and is judged by what it becomes", async () => {
    const good = await renderFleet(buildSpec({ files: [file("page.md", { target: "./notes/{{ agent.name }}.md" })] }));
    expect(good.fleet?.agents[0]?.files[0]?.target).toBe("notes/editor.md");
    const agents = [agentSpec({ description: "../../../etc/passwd" })];
    expect((await faults(["{{ agent.description }}"], { agents }))[0]?.[0]).toBe("E216");
    expect((await faults(["{{ agent.descripton }}"]))[0]?.[0]).toBe("E202");
    const hidden = [agentSpec({ description: "x.local" })];
    expect((await faults(["{{ agent.description }}.md"], { agents: hidden }))[0]?.[0]).toBe("E216");
  });

  test.each([".git/config", "sub/.git/hooks/x", ".CLAUDE.rollcall-1"])("%s is reserved", async (target) => {
    expect((await faults([target]))[0]?.[0]).toBe("E218");
  });

  test("the state folder is reserved, wherever it is configured", async () => {
    const machine = { ...MACHINE, folders: { ...MACHINE.folders, state: "/srv/newsroom/agents/editor/state" } };
    expect((await faults(["state/ledger.json.md"], { machine }))[0]?.[0]).toBe("E218");
    expect(await faults(["src/state/x.md"])).toEqual([]);
  });

  test("two outputs for one path, one below the other, or on the hook: both origins are named", async () => {
    expect(await faults(["a.md", "./a.md"])).toEqual([
      ["E217", "a.md, written by templates/page.md, is also written by templates/page.md (for editor)"],
    ]);
    expect((await faults(["a/b.md", "a"]))[0]?.[1]).toContain(
      "stands in the way of a/b.md, written by templates/page.md",
    );
    expect((await faults([".claude/hooks/auto-deny"]))[0]?.[1]).toContain("is also written by the hook");
  });

  test("a block may not bring marks of its own", async () => {
    const spec = buildSpec({
      agents: [agentSpec({ description: "<!-- rollcall:end -->" })],
      files: [file("page.md", { merge: "block" })],
      templates: { "page.md": "{{ agent.description }}" },
    });
    expect((await renderFleet(spec)).diagnostics.filter((one) => one.severity === "error")).toMatchObject([
      { code: "E219", file: "templates/page.md" },
    ]);
  });

  test("a template that is not there is named", async () => {
    const { diagnostics } = await renderFleet(buildSpec({ files: [file("gone.md")] }));
    expect(diagnostics).toMatchObject([
      { code: "E200", file: "desired/fleet.yaml", message: "template not found: gone.md" },
    ]);
  });
});

describe("a session's command", () => {
  const sessionOf = async (command: readonly string[], parts: SpecParts = {}) => {
    const session = { ...SESSION, command };
    return renderFleet(
      buildSpec({ session, agents: [agentSpec({ session, description: 'a b; $(id) "x"' })], ...parts }),
    );
  };

  test("is rendered item by item: one item stays one argument, whatever its value", async () => {
    const { fleet } = await sessionOf([
      "claude",
      "-n",
      "{{ agent.name }} of {{ fleet.name }}",
      "{{ agent.description }}",
      "{{ project.root }}",
      "$(id)",
      ";",
    ]);
    expect(fleet?.agents[0]?.session.command).toEqual([
      "claude",
      "-n",
      "editor of newsroom",
      'a b; $(id) "x"',
      "/srv/newsroom",
      "$(id)",
      ";",
    ]);
    expect(fleet?.agents[0]?.session.fallback).toEqual(["bash", "-l"]);
  });

  test("a fault is told at the fleet's file, or at the agent whose own command it is", async () => {
    expect((await sessionOf(["claude", "{{ agent.modle }}"])).diagnostics).toMatchObject([
      { code: "E202", file: "desired/fleet.yaml", line: 1, col: 1, message: 'unknown variable "agent.modle"' },
    ]);
    expect((await sessionOf(["claude", "{{ agent.modle }}"], { session: SESSION })).diagnostics).toMatchObject([
      { code: "E202", file: "desired/registry.yaml", line: 2, col: 3, hint: "did you mean agent.model?" },
    ]);
  });
});
