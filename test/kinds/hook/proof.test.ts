// Proof by behaviour: of the hooks as they are rendered, and of rules that do not close what their globs say.
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { desire } from "../../../src/kinds/hook/desire.ts";
import { compileGlob } from "../../../src/kinds/hook/glob-rule.ts";
import { hook as kind } from "../../../src/kinds/hook/index.ts";
import { meantPaths } from "../../../src/kinds/hook/meant-paths.ts";
import { observe } from "../../../src/kinds/hook/observe.ts";
import { prove } from "../../../src/kinds/hook/proof.ts";
import { put } from "../../../src/kinds/hook/put.ts";
import { renderedDigest } from "../../../src/kinds/hook/render.ts";
import { type HookProps, type HookSeen, hookDigest, hookParts, MODE } from "../../../src/kinds/hook/types.ts";
import type { Fleet } from "../../../src/model/fleet.ts";
import { tidyGlobs } from "../../../src/model/glob.ts";
import type { Observation } from "../../../src/model/kind.ts";
import type { Desired } from "../../../src/model/resource.ts";
import type { Settled } from "../../../src/model/settled.ts";
import { makeFleet, nameNode, ROLES, type Role } from "../../support/hook-fixture.ts";
import { type HookVerbsFixture, openHookVerbs, recordOf } from "../../support/hook-verbs-fixture.ts";

/** What is left of a process that could not be started. */
const NOTHING = { code: 1, signal: null, stdout: "", stderr: "", timedOut: false, missing: false };

let bench: HookVerbsFixture;
beforeEach(() => {
  bench = openHookVerbs();
});
afterEach(() => bench.project.close());

describe("proof by behaviour", () => {
  it("starts one hook of many for real, and rehearses the others in one process", async () => {
    const agents = [...bench.project.hooks.keys()];
    const settled = await bench.place(agents);
    expect(settled.map((one) => one.result)).toEqual(agents.map(() => "done"));
    expect(bench.started.length).toBe(3);
    for (const one of settled) expect(recordOf(one).facts?.["proof"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("`verify --probe` starts each one twice, and asks for the closed places of all in one process", async () => {
    const agents = [...bench.project.hooks.keys()];
    await bench.place(agents);
    bench.started.length = 0;
    const settled: Settled[] = [];
    await prove([...bench.project.hooks.values()], bench.project.fleet, bench.world, (one) => settled.push(one));
    expect(settled.map((one) => one.result)).toEqual(agents.map(() => "done"));
    expect(bench.started.length).toBe(agents.length * 2 + 1);
  }, 60_000);

  it("an agent that may call nothing has only a call to be refused", async () => {
    const fleet = makeFleet(bench.project.root, { "backend-agent": { tools: [] } });
    const bare: Fleet = { ...fleet, hook: { ...fleet.hook, alwaysAllowedTools: [] } };
    const [want] = bare.agents.flatMap((agent) => desire(agent, bare));
    expect(want?.props.allowed).toBeNull();
    const settled: Settled[] = [];
    if (want)
      await put([{ want, have: undefined, record: undefined, write: [""], drop: [] }], bare, bench.world, (one) =>
        settled.push(one),
      );
    expect(settled[0]?.result).toBe("done");
  });

  const withNode = (body: string): Fleet => {
    const bin = fs.mkdtempSync(path.join(bench.project.root, "bin-"));
    fs.writeFileSync(path.join(bin, "node"), body, { mode: 0o755 });
    nameNode(bench.project.root, path.join(bin, "node"));
    return bench.project.fleet;
  };

  it("a program that only imitates the guard's answer is found out, for every hook", async () => {
    const imitation = '#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done; printf %s "$1"; exit 42\n';
    const agents = [...bench.project.hooks.keys()];
    const settled = await bench.place(agents, withNode(imitation));
    expect(settled).toMatchObject(agents.map(() => ({ result: "failed", error: { code: "E602" } })));
  });

  it("a node that refuses everything is found out as well", async () => {
    const [settled] = await bench.place(["backend-agent"], withNode("#!/bin/sh\nexit 2\n"));
    expect(settled).toMatchObject({ result: "failed", error: { code: "E603" } });
  });

  it("without node on the sessions' PATH nothing is written, and it is said while looking", async () => {
    const { machine } = bench.project.fleet;
    const fleet: Fleet = { ...bench.project.fleet, machine: { ...machine, sessionPath: "/nonexistent" } };
    const sight: Observation<HookSeen> = observe(
      [{ address: "a", agent: "backend-agent", want: bench.want("backend-agent") }],
      fleet,
      bench.reader(),
    );
    expect(sight.warnings).toMatchObject([{ code: "E601", severity: "error" }]);
    const [settled] = await bench.place(["backend-agent"], fleet);
    expect(settled).toMatchObject({ result: "failed", error: { code: "E601" } });
    expect(fs.existsSync(bench.hook)).toBe(false);
  });

  it("a node that ends with 42 and did not run the guard lets nothing through", async () => {
    const [settled] = await bench.place(["backend-agent"], withNode("#!/bin/sh\nexit 42\n"));
    expect(settled).toMatchObject({ result: "failed", error: { code: "E603" } });
  });

  it("no longer counts when the PATH, the interpreter or the bytes changed", async () => {
    const [settled] = await bench.place(["backend-agent"]);
    const record = recordOf(settled);
    const notes = (fleet: Fleet): readonly string[] =>
      kind.capabilities.monitored?.health(bench.want("backend-agent"), bench.observe("backend-agent", fleet), record)
        .notes ?? [];
    expect(notes(bench.project.fleet)).toEqual([]);
    const { machine } = bench.project.fleet;
    const sessionPath = `${machine.sessionPath}:/opt/more`;
    expect(notes({ ...bench.project.fleet, machine: { ...machine, sessionPath } })).toEqual(["unproven"]);
    expect(notes(withNode(`#!/bin/sh\nexec ${process.execPath} "$@"\n`))).toEqual(["unproven"]);
    nameNode(bench.project.root, process.execPath);
    expect(notes(bench.project.fleet)).toEqual([]);
    fs.appendFileSync(bench.hook, "\n");
    expect(notes(bench.project.fleet)).toEqual(["unproven"]);
  });

  it("is refused to a hook that is not the rendered one", async () => {
    await bench.place(["backend-agent"]);
    fs.writeFileSync(bench.hook, `#!/bin/sh\ntouch ${path.join(bench.project.root, "ran")}\nexit 2\n`);
    const settled: Settled[] = [];
    await prove([bench.want("backend-agent")], bench.project.fleet, bench.world, (one) => settled.push(one));
    expect(settled[0]).toMatchObject({ result: "failed", error: { code: "E605" } });
    expect(fs.existsSync(path.join(bench.project.root, "ran"))).toBe(false);
  });
});

describe("a rule that does not close what its glob says", () => {
  const GLOB = "app/(auth)/**";
  const roles = (tools: readonly string[]): Readonly<Record<string, Role>> => ({
    ...ROLES,
    "backend-agent": { tools, cannotAccess: [GLOB, "docs/*.md"] },
  });

  /** The hook as a compiler would render it that takes parentheses for a group: the right text, the wrong expression. */
  function miscompiled(fleet: Fleet): Desired<HookProps> {
    const [want] = fleet.agents.filter(({ name }) => name === "backend-agent").flatMap((agent) => desire(agent, fleet));
    if (want === undefined) throw new Error("no hook");
    const policy = want.props.policy.replace(JSON.stringify(compileGlob(GLOB).re), '"^app/(auth)(?:/.*)?$"');
    expect(policy).not.toBe(want.props.policy);
    const parts = hookParts(renderedDigest(policy, want.props.where), MODE);
    return { ...want, props: { ...want.props, policy }, parts, digest: hookDigest(parts) };
  }

  async function settledOf(tools: readonly string[], others: readonly string[]): Promise<Settled | undefined> {
    const fleet = makeFleet(bench.project.root, roles(tools));
    const want = miscompiled(fleet);
    const settled: Settled[] = [];
    const job = { want, have: undefined, record: undefined, write: ["", "mode"], drop: [] };
    await put([...others.map(bench.job), job], fleet, bench.world, (one) => settled.push(one));
    return settled.find((one) => one.address === want.address);
  }

  it.each([["Write"], ["Edit"], ["Bash"]])("fails its own proof when the agent has %s", async (tool) => {
    const settled = await settledOf([tool, "Read"], []);
    expect(settled).toMatchObject({ result: "failed", error: { code: "E602" } });
    expect(JSON.stringify(settled)).toContain("app/(auth)/rollcall-probe");
  });

  it("fails it among many hooks as well", async () => {
    const settled = await settledOf(["Write"], ["frontend-agent", "planning-agent", "qa-agent"]);
    expect(settled).toMatchObject({ result: "failed", error: { code: "E602" } });
  });

  it("fails it where no rehearsal can be had", async () => {
    const run = bench.world.exec.run;
    const world = { ...bench.world, exec: { ...bench.world.exec } };
    world.exec.run = (command, options) =>
      command.includes("-e") ? Promise.resolve({ ...NOTHING }) : run(command, options);
    const fleet = makeFleet(bench.project.root, roles(["Write"]));
    const settled: Settled[] = [];
    const job = { want: miscompiled(fleet), have: undefined, record: undefined, write: ["", "mode"], drop: [] };
    await put([job], fleet, world, (one) => settled.push(one));
    expect(settled[0]).toMatchObject({ result: "failed", error: { code: "E602" } });
  });

  it("is looked for at paths that are read from the text of the glob", () => {
    const meant: readonly (readonly [string, readonly string[]])[] = [
      ["tests/**", ["tests/rollcall-probe"]],
      ["*.test.*", ["rollcall-probe.test.rollcall-probe"]],
      [".env", [".env"]],
      ["app/(auth)/**", ["app/(auth)/rollcall-probe"]],
      ["app/[slug]/**", ["app/[slug]/rollcall-probe", "app/s/rollcall-probe"]],
      ["app/{(auth),b}/**", ["app/(auth)/rollcall-probe"]],
      ["{a{b,c},d}/x", ["ab/x"]],
      ["{-$locale}/x", ["{-$locale}/x"]],
      ["\\(auth\\)/?", ["(auth)/x"]],
      ["/src", ["src"]],
      ["**", ["rollcall-probe"]],
      ["[a\\]b]/x", []],
    ];
    expect(meant.map(([glob]) => [glob, meantPaths(glob)])).toEqual(meant);
  });

  it("is not found with any glob that the spec lets through", () => {
    const piece = fc.constantFrom(
      "a",
      "B",
      "*",
      "**",
      "?",
      "[a-c]",
      "[!x]",
      "[",
      "]",
      "{",
      ",",
      "}",
      "(",
      ")",
      "|",
      "+",
    );
    const more = fc.constantFrom("@", "!", ".", "/", "\\", " ", "-", "$", "^", "é", "😀", "..", "'", "#");
    const text = fc.array(fc.oneof({ weight: 3, arbitrary: piece }, more), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        text.map((list) => list.join("")),
        (written) => {
          for (const glob of tidyGlobs(written)) {
            const re = new RegExp(compileGlob(glob).re, "s");
            expect(meantPaths(glob).filter((path) => !re.test(path))).toEqual([]);
          }
        },
      ),
      { numRuns: 20_000 },
    );
  });
});
