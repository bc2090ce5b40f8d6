// One meaning of a glob everywhere: hook, permission rules, CLAUDE.md, `why`; in a folder whose name has signs of globs.
import { describe, expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { run } from "../support/hook-fixture.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";
import { lineWith, why } from "../support/why-fixture.ts";

const HOME = "shop [1] (x)";
const REGISTRY = `${HOME}/desired/registry.yaml`;
const AGENTS = [
  {
    name: "builder",
    tools: ["Write", "Bash"],
    more: ["cannot_access:", ...[" app/(auth)/** ", "/pages/[id].tsx", "src//gen"].map((glob) => `  - "${glob}"`)],
  },
  { name: "owner", tools: ["Write"], more: ['exclusive_access: ["**/(admin)/**"]'] },
];

const files = Object.fromEntries(
  Object.entries(fleetFiles({ agents: AGENTS })).map(([name, text]) => [`${HOME}/${name}`, text]),
);
const LOCAL = `${HOME}/agents/builder/.claude/settings.local.json`;

describe("globs with brackets, blanks and doubled slashes", () => {
  const fleet = (): Project => openProject({ files });

  test("close what they spell, by every way there is", async () => {
    const project = fleet();
    const applied = await project.run(["apply", "-y", "--files-only"], { cwd: HOME });
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.stderr).toMatch(
      /registry\.yaml:9:9 warning W158 " app\/\(auth\)\/\*\* " is read as "app\/\(auth\)\/\*\*"/,
    );
    expect(applied.stderr).toMatch(/registry\.yaml:11:9 warning W158/);

    const ask = async (tool: string, input: object): Promise<number | null> => {
      const call = { hook_event_name: "PreToolUse", tool_name: tool, tool_input: input, cwd: project.path(HOME) };
      const hook = project.path(`${HOME}/agents/builder/.claude/hooks/auto-deny`);
      return (await run(hook, JSON.stringify(call))).code;
    };
    for (const path of ["app/(auth)/x", "pages/[id].tsx", "src/gen/x", "web/(admin)/x"]) {
      expect(await ask("Write", { file_path: project.path(`${HOME}/${path}`) }), path).toBe(2);
      expect(await ask("Bash", { command: `touch '${path}'` }), path).toBe(2);
    }
    for (const path of ["app/auth/x", "pages/id.tsx", "src/x", "web/admin/x"]) {
      expect(await ask("Write", { file_path: project.path(`${HOME}/${path}`) }), path).toBe(0);
    }

    const root = project.path("shop \\[1\\] (x)");
    const { deny } = JSON.parse(project.read(LOCAL)).permissions as { deny: string[] };
    expect(deny).toEqual([
      `Edit(/${root}/**/(admin)/**)`,
      `Edit(/${root}/app/(auth)/**)`,
      `Edit(/${root}/pages/[id].tsx)`,
      `Edit(/${root}/pages/\\[id\\].tsx)`,
      `Edit(/${root}/src/gen)`,
      `Edit(/${root}/agents/**/.claude/**)`,
      `Edit(/${root}/state/**)`,
    ]);
    const memory = project.read(`${HOME}/agents/builder/.claude/CLAUDE.md`);
    expect(memory).toContain("Closed to you: `app/(auth)/**`, `pages/[id].tsx`, `src/gen`.");
    expect(memory).toContain("Only `owner` writes in `**/(admin)/**`.");

    const lineOf = async (rule: number) =>
      (await why(project, `agents/builder/.claude/settings.local.json#/permissions/deny/${rule}`, HOME)).parts[0]?.draws
        .map(({ at }) => at?.line)
        .filter((line) => line !== undefined);
    expect(await lineOf(1)).toEqual([lineWith(project, REGISTRY, "app/(auth)")]);
    expect(await lineOf(3)).toEqual([lineWith(project, REGISTRY, "pages/[id]")]);
    expect(await lineOf(4)).toEqual([lineWith(project, REGISTRY, "src//gen")]);
  });
});

describe("a glob that closes the whole project", () => {
  const fleet = convergedProject({
    files: fleetFiles({ agents: [{ name: "builder", tools: ["Write", "Bash"], more: ["cannot_access: [.]"] }] }),
  });

  test.each([
    "touch x",
    "cd src && touch x",
    "echo x > src/$NAME",
    "rm -rf ..",
    "cp /etc/hosts .",
    "rm -rf src/*",
    "tee $(echo src/x)",
    "F=src/x; touch $F",
  ])("refuses %s, and the same outside is free", async (command) => {
    const project = fleet();
    const hook = project.path("agents/builder/.claude/hooks/auto-deny");
    const call = { hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: { command }, cwd: project.root };
    expect((await run(hook, JSON.stringify(call))).code).toBe(2);
    const free = { ...call, tool_input: { command: "touch /tmp/x; cat src/x; ls" } };
    expect((await run(hook, JSON.stringify(free))).code).toBe(0);
  });
});

test("globs that close nothing are errors with place and caret, all at once, and nothing is written", async () => {
  const globs = ["~/.ssh/**", "$HOME/.ssh/**", "!src/keep/**", "C:\\x\\**", "'src/**'"];
  const more = ["cannot_access:", ...globs.map((glob) => `  - ${JSON.stringify(glob)}`)];
  const project = openProject({ files: fleetFiles({ agents: [{ name: "builder", more }] }) });
  const { code, stderr } = await project.run(["validate"]);
  expect(code).toBe(1);
  const codes = ["E141", "E141", "E142", "E143", "E144"];
  for (const [index, each] of codes.entries())
    expect(stderr).toContain(`desired/registry.yaml:${9 + index}:9 error ${each} `);
  expect(stderr).toContain('9 |       - "~/.ssh/**"\n    |         ^\n');
  expect(project.exists("agents")).toBe(false);
});
