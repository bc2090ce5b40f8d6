// rollcall doctor on what enforces: sessions, the client, its own files, the hooks; and a fleet in order from end to end.
import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import {
  type Case,
  clientText,
  commit,
  examine,
  oddities,
  pathWithout,
  soundProject,
  tellsOf,
  trustRoot,
  underNode,
  write,
} from "../support/doctor-fixture.ts";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { openProject } from "../support/project-fixture.ts";

const fleet = soundProject();
const AGENT = "backend-agent";
const HOME = `agents/${AGENT}/.claude`;
const isRoot = process.getuid?.() === 0;

const setCommand =
  (words: string): Case["arrange"] =>
  (project) =>
    project.edit("desired/fleet.yaml", '["../../bin/claude"]', words);
const claudeState = (value: object) => write("../home/.claude.json", JSON.stringify(value));
const userSettings = (value: object) => write("../home/.claude/settings.json", JSON.stringify(value));

const CASES: readonly Case[] = [
  {
    id: "environment",
    state: "warning",
    what: "TEF_ROOT is assumed",
    said: /TEF_ROOT/,
    arrange: (project) => project.remove("rollcall.config.yaml"),
  },
  {
    id: "environment",
    state: "info",
    what: "another PATH than recorded",
    said: /not the recorded/,
    arrange: () => {},
    start: (project) => ({ env: { PATH: `${project.env["PATH"]}:/opt` } }),
  },
  {
    id: "tmux",
    state: "error",
    what: "not installed",
    said: /not installed/,
    arrange: () => {},
    start: (project) => ({ env: { PATH: pathWithout(project, ["tmux"]) } }),
  },
  {
    id: "tmux",
    state: "error",
    what: "too old",
    said: /2\.9 is too old/,
    arrange: () => {},
    start: (project) => ({ env: { PATH: pathWithout(project, [], { tmux: "#!/bin/sh\necho tmux 2.9\n" }) } }),
  },
  {
    id: "session-command",
    state: "error",
    what: "nothing to start",
    said: /neither command nor fallback/,
    arrange: (project) =>
      project.edit("desired/fleet.yaml", '["../../bin/claude"]', "[no-such-client]\n  fallback: [no-such-shell]"),
  },
  {
    id: "session-command",
    state: "warning",
    what: "only the fallback",
    said: /would run the fallback/,
    arrange: setCommand("[no-such-client]"),
  },
  {
    id: "client",
    state: "warning",
    what: "too old to block",
    said: /not enforced on hook failure/,
    arrange: write("bin/claude", clientText("2.1.197")),
  },
  {
    id: "client",
    state: "warning",
    what: "does not answer",
    said: /ended with 3/,
    arrange: write("bin/claude", "#!/bin/sh\nexit 3\n"),
  },
  {
    id: "client",
    state: "skipped",
    what: "another command",
    said: /no agent's/,
    arrange: setCommand("[sleep, infinity]"),
  },
  { id: "trust", state: "warning", what: "never started", said: /never started/, arrange: () => {} },
  {
    id: "trust",
    state: "warning",
    what: "onboarding open",
    said: /onboarding/,
    arrange: claudeState({ projects: {} }),
  },
  {
    id: "trust",
    state: "warning",
    what: "no folder trusted",
    said: /does not trust 2 folders/,
    arrange: claudeState({ hasCompletedOnboarding: true, projects: {} }),
  },
  {
    id: "trust",
    state: "warning",
    what: "one folder trusted",
    said: /does not trust 1 folder:/,
    arrange: (project) => trustRoot(project, project.path(`agents/${AGENT}`)),
  },
  {
    id: "trust",
    state: "warning",
    what: "not JSON",
    said: /cannot be read/,
    arrange: write("../home/.claude.json", "{"),
  },
  {
    id: "trust",
    state: "ok",
    what: "trusted in CLAUDE_CONFIG_DIR",
    said: /2 folders trusted/,
    arrange: (project) => {
      trustRoot(project);
      project.write("../home/own/.claude.json", project.read("../home/.claude.json"));
      project.remove("../home/.claude.json");
    },
    start: (project) => ({ env: { CLAUDE_CONFIG_DIR: project.path("../home/own") } }),
  },
  {
    id: "skip-permissions",
    state: isRoot ? "error" : "warning",
    what: "the flag",
    said: isRoot ? /as root the client ends/ : /default answer is to end/,
    arrange: setCommand('["../../bin/claude", --dangerously-skip-permissions]'),
  },
  {
    id: "skip-permissions",
    state: "warning",
    what: "the flag in a sandbox",
    said: /default answer is to end/,
    arrange: setCommand('["../../bin/claude", --dangerously-skip-permissions]'),
    start: () => ({ env: { IS_SANDBOX: "1" } }),
  },
  {
    id: "hooks-elsewhere",
    state: "error",
    what: "safe mode",
    said: /skip the hooks/,
    arrange: setCommand('["../../bin/claude", --safe-mode]'),
  },
  {
    id: "hooks-elsewhere",
    state: "warning",
    what: "user settings",
    said: /disableAllHooks/,
    arrange: userSettings({ disableAllHooks: true }),
  },
  {
    id: "hooks-elsewhere",
    state: "info",
    what: "broken user settings",
    said: /cannot be read/,
    arrange: write("../home/.claude/settings.json", "{"),
  },
  {
    id: "interpreter",
    state: "error",
    what: "no node for sessions",
    said: /node is not on the sessions' PATH/,
    arrange: write("rollcall.config.yaml", "session: { path: /nowhere }\n"),
  },
  {
    id: "interpreter",
    state: "error",
    what: "an old node",
    said: /too old for the hooks/,
    arrange: underNode("#!/bin/sh\necho v18.20.4\n"),
  },
  {
    id: "hooks",
    state: "error",
    what: "a node that lets everything through",
    said: /2 hooks failed the proof/,
    arrange: underNode("#!/bin/sh\ncat >/dev/null\nexit 42\n"),
  },
  {
    id: "hooks",
    state: "warning",
    what: "not executable",
    said: /1 hook not as rendered/,
    arrange: (project) => chmodSync(project.path(`${HOME}/hooks/auto-deny`), 0o644),
  },
  {
    id: "hooks",
    state: "warning",
    what: "a strange program in its place is never run",
    said: /1 hook not as rendered/,
    arrange: (project) =>
      project.write(`${HOME}/hooks/auto-deny`, `#!/bin/sh\ntouch ${project.path("it-ran")}\nexit 2\n`, 0o755),
  },
  {
    id: "client-schema",
    state: "warning",
    what: "settings the client drops",
    said: /finding/,
    arrange: write(`${HOME}/settings.json`, '{ "hooks": { "PreToolUse": [{ "command": "x" }] } }'),
  },
  {
    id: "client-schema",
    state: "error",
    what: "a template the client drops",
    said: /not what the client takes/,
    arrange: write("templates/settings.json", '{ "permissions": { "deny": "Write" } }'),
  },
  {
    id: "differences",
    state: "warning",
    what: "an edit by hand",
    said: /1 difference, 1 of them drift/,
    arrange: write(`${HOME}/CLAUDE.md`, "Do as you like.\n"),
  },
  {
    id: "folders",
    state: "info",
    what: "a folder nobody listed",
    said: /1 thing beside the agents/,
    arrange: write("agents/mem0/.claude/settings.json", "{}"),
  },
];

tellsOf(CASES, fleet);

test("a fleet in order: all 31 checks are told, none with a warning, and the text says the same", async () => {
  const project = fleet();
  for (const { name } of PAIR) project.write(`docs/agents/${name}/${name}-agent.md`, "# In full\n");
  project.write("rollcall.config.yaml", `variables: { TEF_ROOT: "${project.root}" }\n`);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  trustRoot(project);
  commit(project);
  const diagnosis = await examine(project);
  expect(oddities(diagnosis)).toEqual({});
  expect(diagnosis.checks.filter(({ state }) => state === "skipped")).toEqual([]);
  const { code, stdout } = await project.run(["doctor"]);
  expect(code).toBe(0);
  for (const { id, state } of diagnosis.checks) expect(stdout).toMatch(new RegExp(`^${state} +${id} +`, "m"));
  expect(stdout.trim().split("\n").at(-1)).toMatch(/^31 checks: \d+ ok/);
});

test("a held agent is told with its reason", async () => {
  const project = fleet();
  await project.run(["hold", AGENT, "--reason", "migrating its tests"]);
  const { finding } = await examine(project);
  expect(finding("holds")).toMatchObject({ state: "info", details: [expect.stringContaining("migrating its tests")] });
});

test("a tmux server that hangs is told, and holds doctor up for seconds only", async () => {
  const project = fleet();
  project.tmux(["new-session", "-d", "-s", "mine", "sleep", "1000"]);
  const server = Number(project.tmux(["display-message", "-p", "#{pid}"]));
  process.kill(server, "SIGSTOP");
  try {
    const { finding } = await examine(project);
    expect(finding("tmux-socket")).toMatchObject({
      state: "error",
      message: expect.stringContaining("does not answer"),
    });
  } finally {
    process.kill(server, "SIGCONT");
  }
});

test("an agent whose session runs on another socket is told, with that socket", async () => {
  const project = openProject({ files: fleetFiles({ agents: PAIR }) });
  const applied = await project.run(["apply", "-y"]);
  expect(applied.code, applied.stderr).toBe(0);
  const { finding } = await examine(project, { env: { TMUX_SOCKET_OVERRIDE: `${project.socket}-b` } });
  expect(finding("elsewhere")).toMatchObject({
    state: "error",
    message: "2 agents on another socket",
    remedy: expect.stringContaining(project.socket),
  });
  expect((await examine(project)).finding("elsewhere").state).toBe("ok");
});
