// The closed places of the spec, asked of the rendered hook: as configured, as the machine has them, and who may write them.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { desire } from "../../src/kinds/hook/desire.ts";
import { diff } from "../../src/kinds/hook/diff.ts";
import { compilePolicy } from "../../src/kinds/hook/policy.ts";
import { policyText } from "../../src/kinds/hook/render.ts";
import type { HookProps, HookSeen } from "../../src/kinds/hook/types.ts";
import type { Agent, Fleet } from "../../src/model/fleet.ts";
import type { Desired, Observed } from "../../src/model/resource.ts";
import { callText, type HookFixture, homeOf, makeFleet, openHookFixture, run } from "../support/hook-fixture.ts";

const fixtures: HookFixture[] = [];
afterEach(() => {
  for (const fixture of fixtures.splice(0)) fixture.close();
});

function open(change: (fleet: Fleet) => Fleet = (fleet) => fleet): HookFixture {
  const fixture = openHookFixture((root) => change(makeFleet(root)));
  fixtures.push(fixture);
  return fixture;
}

const withAgent = (fleet: Fleet, name: string, more: Partial<Agent>): Fleet => ({
  ...fleet,
  agents: fleet.agents.map((agent) => (agent.name === name ? { ...agent, ...more } : agent)),
});

type Call = readonly [tool: "Write" | "Bash", what: string];

/** What the executable says; "" when the call may go on. */
async function asked(
  fixture: HookFixture,
  agent: string,
  [tool, what]: Call,
  env: Record<string, string> = {},
): Promise<string> {
  const input = tool === "Bash" ? { command: what } : { file_path: path.resolve(fixture.root, what), content: "x" };
  const answer = await run(fixture.hookOf(agent), callText({ tool, input, cwd: fixture.root }), {
    env: { PATH: process.env["PATH"] ?? "", HOME: homeOf(fixture), ...env },
  });
  return answer.code === 0 ? "" : answer.stderr.trim();
}

function git(cwd: string, ...words: string[]): void {
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], { cwd, env, stdio: "ignore" });
}

describe("a refusal says why and what to do", () => {
  it.each<readonly [Call, string]>([
    [["Write", "desired/registry.yaml"], "desired is closed to every agent; ask the person who runs rollcall"],
    [["Write", "agents/qa-agent/CLAUDE.md"], "agents/** but its own folder is closed to every agent"],
    [["Bash", "rollcall apply -y"], "`rollcall apply`: it changes the fleet; `rollcall plan` looks; ask the person"],
    [
      ["Bash", "tmux kill-server"],
      "`tmux kill-server`: the sessions of the fleet run on this socket; use `tmux -L NAME`",
    ],
    [["Bash", "npx @openai/codex"], "`codex`: a client started from here would run without this agent's hook; hand"],
    [["Bash", "git config core.hooksPath x"], "`git config core.hooksPath`: git runs what this setting says"],
  ])("%o: %s", async (call, words) => {
    expect(await asked(open(), "backend-agent", call)).toContain(words);
  });
});

describe("an agent with edits_spec", () => {
  const opened = (fleet: Fleet): Fleet => withAgent(fleet, "qa-agent", { editsSpec: true });

  it("may write the spec and the templates, and no other closed place", async () => {
    const fixture = open(opened);
    const may = ["desired/registry.yaml", "desired/new.yaml", "templates/CLAUDE.md"];
    const mayNot = [
      "rollcall.config.yaml",
      "agents/backend-agent/CLAUDE.md",
      "state/ledger.json",
      ".claude/x",
      ".git/config",
    ];
    for (const one of may) expect([one, await asked(fixture, "qa-agent", ["Write", one])]).toEqual([one, ""]);
    for (const one of mayNot) expect(await asked(fixture, "qa-agent", ["Write", one])).toContain("may not write");
    expect(await asked(fixture, "backend-agent", ["Write", "desired/registry.yaml"])).toContain("may not write");
  });

  it("may write a registry that lies among the agents, as in the original's layout", async () => {
    const layout = (fleet: Fleet): Fleet => {
      const { machine } = fleet;
      const folders = {
        ...machine.folders,
        registry: path.join(machine.folders.agents, "registry.yaml"),
        templates: path.join(machine.folders.root, "scripts/native-orchestrator/templates"),
      };
      return { ...fleet, machine: { ...machine, folders } };
    };
    const fixture = open((fleet) => layout(opened(fleet)));
    const places = ["agents/registry.yaml", "scripts/native-orchestrator/templates/CLAUDE.md.template"];
    for (const one of places) {
      expect([one, await asked(fixture, "qa-agent", ["Write", one])]).toEqual([one, ""]);
      expect(await asked(fixture, "backend-agent", ["Write", one])).toContain("may not write");
    }
  });

  it("is WIDENED by it", () => {
    const fleet = makeFleet("/srv/shop");
    const want = wantOf(opened(fleet), "qa-agent");
    expect(diff(want, seen(policyOf(fleet, "qa-agent")), {}).widens).toEqual([
      "may write desired",
      "may write templates",
    ]);
    expect(diff(wantOf(fleet, "qa-agent"), seen(policyOf(opened(fleet), "qa-agent")), {}).widens).toEqual([]);
  });
});

function policyOf(fleet: Fleet, name: string): string {
  const agent = fleet.agents.find((one) => one.name === name);
  if (agent === undefined) throw new Error(`no agent ${name}`);
  return policyText(compilePolicy(agent, fleet));
}

function wantOf(fleet: Fleet, name: string): Desired<HookProps> {
  const [want] = fleet.agents.filter((one) => one.name === name).flatMap((agent) => desire(agent, fleet));
  if (want === undefined) throw new Error(`no hook of ${name}`);
  return want;
}

/** A hook of ours with another policy in it. */
function seen(policy: string): Observed<HookSeen> {
  const found: Pick<HookSeen, "content" | "policy" | "mode"> = { content: "ours", policy, mode: 0o755 };
  return { exists: true, same: false, parts: {}, digest: "other", seen: found as HookSeen } as Observed<HookSeen>;
}

it("a fixed place that goes is WIDENED", () => {
  const fleet = makeFleet("/srv/shop");
  const before = JSON.parse(policyOf(fleet, "qa-agent")) as { places: { glob: string }[] };
  before.places.push({ ...before.places[0], glob: "some/fixed/place" });
  const { widens } = diff(wantOf(fleet, "qa-agent"), seen(JSON.stringify(before)), {});
  expect(widens).toEqual(["may write some/fixed/place"]);
});

it("follows the folders as the project has configured them", async () => {
  const fixture = open((fleet) => {
    const { machine } = fleet;
    const at = (name: string): string => path.join(machine.folders.root, name);
    const folders = {
      ...machine.folders,
      registry: at("ops/spec/agents.yaml"),
      fleet: at("ops/spec/fleet.yaml"),
      templates: at("ops/forms"),
      agents: at("ops/crew"),
      state: at("var/rollcall"),
    };
    return { ...fleet, machine: { ...machine, folders } };
  });
  const closed = [
    "ops/spec/agents.yaml",
    "ops/spec/x",
    "ops/forms/a",
    "ops/crew/qa-agent/x",
    "ops/crew/rollcall.lock.json",
    "var/rollcall/x",
  ];
  const free = ["desired/x", "templates/x", "ops/x", "ops/crew/backend-agent/x", "state/x"];
  for (const one of closed) expect(await asked(fixture, "backend-agent", ["Write", one])).toContain("may not write");
  for (const one of free) expect([one, await asked(fixture, "backend-agent", ["Write", one])]).toEqual([one, ""]);
});

describe("where the project lies inside a repository", () => {
  it("closes what the client reads up to its top, and git's hooks and config there", async () => {
    const fixture = open();
    fs.rmSync(path.join(fixture.root, ".git"), { recursive: true });
    const top = path.dirname(fixture.root);
    git(top, "init", "-q");
    const closed = [
      "../.git/hooks/post-commit",
      "../.git/config",
      "../CLAUDE.md",
      "../.mcp.json",
      "../.claude/settings.json",
    ];
    for (const one of closed) expect(await asked(fixture, "backend-agent", ["Write", one])).toContain("may not write");
    for (const one of ["../other/x", "../README.md"])
      expect([one, await asked(fixture, "backend-agent", ["Write", one])]).toEqual([one, ""]);
  });

  it("finds the shared folder of a linked work tree", async () => {
    const fixture = open();
    fs.rmSync(path.join(fixture.root, ".git"), { recursive: true });
    const main = path.join(path.dirname(fixture.root), "main");
    fs.mkdirSync(main);
    git(main, "init", "-q");
    git(main, "commit", "-q", "--allow-empty", "-m", "start");
    git(main, "worktree", "add", "-q", "../linked");
    fs.renameSync(path.join(path.dirname(fixture.root), "linked/.git"), path.join(fixture.root, ".git"));
    for (const one of [
      "../main/.git/hooks/pre-commit",
      "../main/.git/config",
      ".git",
      "../main/.git/worktrees/linked/config.worktree",
    ])
      expect(await asked(fixture, "backend-agent", ["Write", one])).toContain("may not write");
    expect(await asked(fixture, "backend-agent", ["Write", "../main/README.md"])).toBe("");
  });
});

it("closes the user settings where CLAUDE_CONFIG_DIR puts them", async () => {
  const fixture = open();
  const config = path.join(path.dirname(fixture.root), "profile");
  const env = { CLAUDE_CONFIG_DIR: config };
  expect(await asked(fixture, "backend-agent", ["Write", `${config}/settings.json`], env)).toContain(
    "$CLAUDE_CONFIG_DIR/settings",
  );
  expect(await asked(fixture, "backend-agent", ["Bash", `rm -rf ${config}/hooks`], env)).toContain("may not write");
  expect(await asked(fixture, "backend-agent", ["Write", `${config}/plans/x.md`], env)).toBe("");
  expect(await asked(fixture, "backend-agent", ["Write", `${config}/settings.json`])).toBe("");
});

it("closes the user settings of a home that is reached through a link", async () => {
  const fixture = open();
  const link = path.join(path.dirname(fixture.root), "home-link");
  fs.symlinkSync(homeOf(fixture), link);
  for (const at of [link, homeOf(fixture)])
    expect(await asked(fixture, "backend-agent", ["Write", `${at}/.claude/settings.json`], { HOME: link })).toContain(
      "may not write",
    );
});

it("knows the session's own socket, whatever it is called", async () => {
  const fixture = open();
  const own = { TMUX: "/tmp/tmux-0/work,12,0" };
  expect(await asked(fixture, "backend-agent", ["Bash", "tmux -L work kill-server"], own)).toContain(
    "`tmux kill-server`",
  );
  expect(await asked(fixture, "backend-agent", ["Bash", "tmux -S /tmp/tmux-0/work kill-server"], own)).toContain(
    "`tmux kill-server`",
  );
  expect(await asked(fixture, "backend-agent", ["Bash", "tmux -L scratch kill-server"], own)).toBe("");
});
