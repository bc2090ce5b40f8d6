// The flaws of the system that Rollcall replaces, each once as a story that would have failed there. The second is told
// with the real client, in test/real-client/folders.test.ts.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planShape } from "../support/documents.ts";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { openProject, type Project, snapshot } from "../support/project-fixture.ts";

const AGENT = "backend-agent";

async function applied(project: Project): Promise<void> {
  const { code, stdout, stderr } = await project.run(["apply", "-y", "--files-only"]);
  expect(code, stdout + stderr).toBe(0);
}

interface Settings {
  readonly model: string;
  readonly hooks: { readonly PreToolUse: readonly { readonly hooks: readonly { readonly command: string }[] }[] };
}

const settingsOf = (project: Project, agent: string): Settings =>
  JSON.parse(project.read(`agents/${agent}/.claude/settings.json`));

const agentsOf = (project: Project): string[] =>
  readdirSync(project.path("agents")).filter((name) => existsSync(project.path(`agents/${name}/.claude`)));

test("flaw 1: every hook that settings name is there and executable, in all 26 folders", async () => {
  const project = openProject({ ownFleet: true });
  project.remove("agents");
  await applied(project);
  const agents = agentsOf(project);
  expect(agents).toHaveLength(26);
  for (const agent of agents) {
    const commands = settingsOf(project, agent).hooks.PreToolUse.flatMap((one) =>
      one.hooks.map((hook) => hook.command),
    );
    expect(commands).toHaveLength(1);
    const [path = ""] = commands.map((command) =>
      command.replace('"$CLAUDE_PROJECT_DIR"', project.path(`agents/${agent}`)),
    );
    expect(lstatSync(path).mode & 0o111, path).toBe(0o111);
  }
});

test("flaw 3: another model for 25 agents changes 25 settings, and nothing else of them", async () => {
  const project = openProject({ ownFleet: true });
  await applied(project);
  const registry = project.read("desired/registry.yaml");
  expect(registry.match(/model: opus/g)).toHaveLength(25);
  project.write("desired/registry.yaml", registry.replaceAll("model: opus", "model: sonnet"));

  const plan = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
  const models = plan.actions.filter(({ changes }) => changes.some((one) => one.path === "/model"));
  expect(models).toHaveLength(25);
  for (const { changes } of models) expect(changes).toEqual([{ path: "/model", before: "opus", after: "sonnet" }]);

  await applied(project);
  const now = agentsOf(project).map((agent) => settingsOf(project, agent).model);
  expect(now.sort()).toEqual(["haiku", ...Array.from({ length: 25 }, () => "sonnet")]);
});

test("flaw 6: quotes, backslashes and line ends in a description break no JSON and arrive as they are", async () => {
  const description = 'Says "no",\\ and\n$HOME, ${USER}, `id`, </b>, \t{{ agent.name }}';
  const files = fleetFiles();
  const quoted = registryText(PAIR).replaceAll(/description: .*/g, `description: ${JSON.stringify(description)}`);
  const template = JSON.parse(files["templates/settings.json"] ?? "");
  template.env = { ABOUT: "{{ agent.description }}" };
  const project = openProject({
    files: { ...files, "desired/registry.yaml": quoted, "templates/settings.json": JSON.stringify(template) },
  });
  await applied(project);
  expect(settingsOf(project, AGENT)).toMatchObject({ env: { ABOUT: description } });
});

test("flaw 6: an unknown variable is an error with its place, and nothing is written", async () => {
  const project = openProject({ files: { ...fleetFiles(), "templates/CLAUDE.md": "# Me\nI am {{ agent.nmae }}.\n" } });
  const before = snapshot(project.root);
  const ran = await project.run(["apply", "-y", "--files-only"]);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/templates\/CLAUDE\.md:2:\d+ error E2\d\d .*nmae/);
  expect(snapshot(project.root)).toEqual(before);
});

test("flaw 6: a template's $HOME stays what it is", async () => {
  const project = openProject({
    files: { ...fleetFiles(), "templates/CLAUDE.md": "Your home is $HOME, not $(pwd).\n" },
  });
  await applied(project);
  expect(project.read(`agents/${AGENT}/.claude/CLAUDE.md`)).toBe("Your home is $HOME, not $(pwd).\n");
});

test("flaw 9: two machines render the same bytes for everything that is committed, and none names its folder", async () => {
  const here = openProject({ files: fleetFiles() });
  const there = openProject({ files: fleetFiles() });
  for (const project of [here, there]) await applied(project);
  const committed = (project: Project): Record<string, string> => {
    const names = readdirSync(project.path("agents"), { recursive: true, encoding: "utf8" });
    const files = names.filter(
      (name) => !name.includes(".local.") && lstatSync(project.path(`agents/${name}`)).isFile(),
    );
    return Object.fromEntries(files.sort().map((name) => [name, project.read(`agents/${name}`)]));
  };
  expect(Object.keys(committed(here))).toHaveLength(2 * 3 + 1);
  expect(committed(there)).toEqual(committed(here));
  for (const [name, text] of Object.entries(committed(here))) {
    expect(text.includes(here.root) || text.includes(here.home), name).toBe(false);
  }
});

/** Asks the rendered hook as the client does: JSON on stdin, started in the current folder of the session. */
function asks(project: Project, call: string | object) {
  const folder = project.path(`agents/${AGENT}`);
  return spawnSync(join(folder, ".claude/hooks/auto-deny"), [], {
    cwd: folder,
    env: { PATH: project.env["PATH"], HOME: project.home, CLAUDE_PROJECT_DIR: folder },
    input: typeof call === "string" ? call : JSON.stringify({ cwd: folder, ...call }),
    encoding: "utf8",
  }).status;
}

test("flaw 14: the hook compares paths, not substrings; follows links; refuses when anything is wrong", async () => {
  const project = openProject({ files: fleetFiles() });
  await applied(project);
  for (const folder of ["frontend", "src/frontend-notes", "backend"])
    mkdirSync(project.path(folder), { recursive: true });
  symlinkSync("frontend", project.path("other-name"));
  symlinkSync("../frontend/page.ts", project.path("backend/page.ts"));
  const write = (path: string) =>
    asks(project, { tool_name: "Write", tool_input: { file_path: project.path(path), content: "" } });

  expect(write("frontend/page.ts"), "what is forbidden").toBe(2);
  expect(write("src/frontend-notes/a.md"), "a name that only contains the word").toBe(0);
  expect(write("backend/frontend.md"), "a file that only is called so").toBe(0);
  expect(write("other-name/page.ts"), "through a linked folder").toBe(2);
  expect(write("backend/page.ts"), "through a linked file").toBe(2);
  expect(write("backend/../frontend/page.ts"), "through ..").toBe(2);

  for (const broken of [
    "",
    "{",
    "null",
    "[]",
    '{"tool_name":7}',
    '{"tool_name":"Write"}',
    '{"tool_name":"Write","tool_input":{}}',
  ])
    expect(asks(project, broken), `a call that reads ${JSON.stringify(broken)}`).toBe(2);
});

test("flaw 14: without a Node that works the hook refuses, it does not allow", async () => {
  const project = openProject({ files: fleetFiles() });
  await applied(project);
  project.write("bin/node", "#!/bin/sh\nexit 0\n", 0o755);
  const named = "agents/.rollcall/node.local.path";
  const folder = project.path(`agents/${AGENT}`);
  const call = JSON.stringify({ tool_name: "Read", tool_input: { file_path: "/etc/hosts" }, cwd: folder });
  const hook = join(folder, ".claude/hooks/auto-deny");
  const asked = (PATH: string) =>
    spawnSync(hook, [], { cwd: folder, env: { PATH, CLAUDE_PROJECT_DIR: folder }, input: call }).status;
  // The Node it runs under has an absolute path: no PATH leads it to another.
  for (const PATH of ["/nowhere", `${project.path("bin")}:/usr/bin:/bin`]) expect(asked(PATH), PATH).toBe(0);
  for (const node of ["/nowhere/node", project.path("bin/node")]) {
    project.write(named, `${node}\n`);
    expect(asked("/usr/bin:/bin"), node).toBe(2);
  }
});
