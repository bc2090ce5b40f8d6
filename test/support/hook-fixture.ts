// A project on a real disk with a few agents of the fleet, their hooks rendered, and ways to ask them.
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { decide } from "../../src/guard/decide.ts";
import type { Disk, GuardPolicy } from "../../src/guard/policy.ts";
import { desire } from "../../src/kinds/hook/desire.ts";
import { compilePolicy } from "../../src/kinds/hook/policy.ts";
import { type HookProps, hookBytes, NODE_AT } from "../../src/kinds/hook/types.ts";
import type { Agent, Fleet } from "../../src/model/fleet.ts";
import type { Desired } from "../../src/model/resource.ts";
import { agentNamed, fleetOf } from "./fleet.ts";

export interface Role {
  readonly tools: readonly string[];
  readonly cannotAccess?: readonly string[];
  readonly exclusiveAccess?: readonly string[];
  readonly delegatesTo?: readonly string[];
}

const STD = ["Bash", "Read", "Write", "Edit", "Glob", "Grep"];

/** Roles of the fleet, as its registry has them. */
export const ROLES: Readonly<Record<string, Role>> = {
  "backend-agent": { tools: STD, cannotAccess: ["tests/**", "test/**", "*.test.*", "*.spec.*", "frontend/**"] },
  "frontend-agent": { tools: STD, cannotAccess: ["tests/**", "test/**", "*.test.*", "*.spec.*", "backend/**"] },
  "planning-agent": {
    tools: [
      ...STD,
      "NotebookEdit",
      "WebFetch",
      "WebSearch",
      "Task",
      "SlashCommand",
      "mcp__github",
      "mcp__linear-server",
    ],
    cannotAccess: ["src/**", "tests/**", "test/**"],
    delegatesTo: ["backend-agent", "frontend-agent", "test-writer-agent"],
  },
  "qa-agent": { tools: STD },
  "researcher-agent": {
    tools: ["Write", "Read", "Glob", "Grep", "WebSearch", "WebFetch", "mcp__ref"],
    cannotAccess: ["src/**", "tests/**"],
  },
  "test-auditor-agent": { tools: ["Bash", "Read", "Glob", "Grep", "Task", "TodoWrite"], cannotAccess: ["src/**"] },
  "test-writer-agent": {
    tools: [...STD, "NotebookEdit", "Task", "TodoWrite"],
    cannotAccess: ["src/**", "frontend/**", "backend/**"],
    exclusiveAccess: ["tests/**", "test/**", "*.test.*", "*.spec.*"],
  },
};

function makeAgent(name: string, role: Role, roles: Readonly<Record<string, Role>>): Agent {
  const denied = new Map<string, { glob: string; owner?: string }>();
  for (const glob of role.cannotAccess ?? []) denied.set(glob, { glob });
  for (const [owner, other] of Object.entries(roles)) {
    if (owner === name) continue;
    for (const glob of other.exclusiveAccess ?? []) denied.set(glob, { glob, owner });
  }
  return agentNamed(name, {
    ...role,
    deniedGlobs: [...denied.values()].sort((a, b) => (a.glob < b.glob ? -1 : 1)),
  });
}

/** A fleet of these roles whose project lies at the root. */
export function makeFleet(
  root: string,
  roles: Readonly<Record<string, Role>> = ROLES,
  more: Partial<Fleet> = {},
): Fleet {
  const base = fleetOf([], { root });
  return {
    ...base,
    name: "instructor-workflow",
    agents: Object.entries(roles).map(([name, role]) => makeAgent(name, role, roles)),
    hook: { ...base.hook, alwaysAllowedTools: ["AskUserQuestion", "ExitPlanMode", "TodoWrite"] },
    machine: { ...base.machine, socket: "rollcall-test", sessionPath: process.env["PATH"] ?? "" },
    ...more,
  };
}

/** What lies in the project before anybody works in it. */
const FILES: Readonly<Record<string, string>> = {
  "package.json": '{"name":"shop","type":"module"}\n',
  "README.md": "# Shop\n",
  "src/server.ts": "export {};\n",
  "src/server.test.ts": "test('it', () => {});\n",
  "src/state/store.ts": "export {};\n",
  "src/db/pool.ts": "export {};\n",
  "tests/unit/cart.test.ts": "test('cart', () => {});\n",
  "tests/fixtures/orders.json": "[]\n",
  "tests/helpers.py": "\n",
  "test/legacy.js": "\n",
  "frontend/app.tsx": "\n",
  "backend/api.py": "\n",
  "docs/guide.md": "\n",
  "scripts/build.sh": "#!/bin/sh\nnpx tsc -p .\n",
  "scripts/wipe.sh": "#!/bin/sh\nrm -rf tests\n",
  "node_modules/left/index.test.js": "\n",
  "dist/server.js": "\n",
  "state/ledger.json": "{}\n",
  "agents/rollcall.lock.json": "{}\n",
  "desired/registry.yaml": "agents: {}\n",
  "desired/fleet.yaml": "version: 1\n",
  "templates/CLAUDE.md": "# {{ agent.name }}\n",
  ".git/config": "[core]\n\tbare = false\n",
  ".git/hooks/pre-commit.sample": "#!/bin/sh\n",
};

/** Writes the file that names this machine's Node, as an apply does; null takes it away. */
export function nameNode(root: string, text: string | null): void {
  const file = path.join(root, "agents", NODE_AT);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (text === null) fs.rmSync(file, { force: true });
  else fs.writeFileSync(file, text.includes("\n") ? text : `${text}\n`);
}

export interface HookFixture {
  readonly root: string;
  readonly fleet: Fleet;
  readonly hooks: ReadonlyMap<string, Desired<HookProps>>;
  /** The hook of an agent on the disk. */
  hookOf(agent: string): string;
  close(): void;
}

/** Makes the project with every agent's folder and hook; links lead from src/ and docs/ into tests/. */
export function openHookFixture(fleetOf: (root: string) => Fleet = (root) => makeFleet(root)): HookFixture {
  const top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "rollcall-hook-")));
  const root = path.join(top, "shop");
  for (const [name, text] of Object.entries(FILES)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  fs.symlinkSync("../tests", path.join(root, "src/shared"));
  fs.symlinkSync("../desired", path.join(root, "src/way-to-desired"));
  fs.symlinkSync("../tests/fixtures/orders.json", path.join(root, "docs/orders.json"));
  fs.symlinkSync(path.join(root, "tests/new.txt"), path.join(root, "docs/dangling.txt"));
  fs.mkdirSync(path.join(top, "elsewhere"));
  fs.symlinkSync(root, path.join(top, "elsewhere/shop-link"));
  fs.mkdirSync(path.join(top, "home/.claude"), { recursive: true });
  const fleet = fleetOf(root);
  const hooks = new Map<string, Desired<HookProps>>();
  for (const agent of fleet.agents) {
    const [want] = desire(agent, fleet);
    if (want === undefined) continue;
    hooks.set(agent.name, want);
    const hook = path.join(fleet.machine.folders.agents, want.at);
    fs.mkdirSync(path.dirname(hook), { recursive: true });
    fs.writeFileSync(path.join(fleet.machine.folders.agents, agent.dir, ".claude/settings.json"), "{}\n");
    fs.writeFileSync(hook, hookBytes(want), { mode: 0o755 });
  }
  nameNode(root, process.execPath);
  return {
    root,
    fleet,
    hooks,
    hookOf: (agent) => path.join(fleet.machine.folders.agents, hooks.get(agent)?.at ?? agent),
    close: () => fs.rmSync(top, { recursive: true, force: true }),
  };
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** The real disk, as the guard may see it. */
export function realDisk(home: string): Disk {
  return {
    home,
    link: (at) => attempt(() => fs.readlinkSync(at)),
    kind: (at) => attempt(() => (fs.statSync(at).isDirectory() ? "folder" : "file")),
    list: (at) =>
      attempt(() =>
        fs.readdirSync(at, { withFileTypes: true }).map((one) => one.name + (one.isDirectory() ? "/" : "")),
      ),
    read: (at) => attempt(() => fs.readFileSync(at, "utf8")),
  };
}

export interface Ask {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly cwd: string;
}

export function homeOf(fixture: HookFixture): string {
  return path.join(path.dirname(fixture.root), "home");
}

/** Asks the guard inside this process: the reason, or null when it allows. */
export function ask(fixture: HookFixture, agent: string, { tool, input, cwd }: Ask): string | null {
  const found = fixture.fleet.agents.find((one) => one.name === agent);
  if (found === undefined) throw new Error(`no agent ${agent}`);
  const policy: GuardPolicy = compilePolicy(found, fixture.fleet);
  const call = { hook_event_name: "PreToolUse", tool_name: tool, tool_input: input, cwd };
  return decide(call, {
    policy,
    root: fixture.root,
    home: path.join(fixture.root, policy.home),
    disk: realDisk(homeOf(fixture)),
  });
}

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the real executable with a text on its stdin. */
export function run(
  hook: string,
  stdin: string | Buffer,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const env = options.env ?? { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };
    const child = execFile(hook, { env, cwd: options.cwd ?? "/", maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
  });
}

export function callText({ tool, input, cwd }: Ask): string {
  return JSON.stringify({ session_id: "s", hook_event_name: "PreToolUse", tool_name: tool, tool_input: input, cwd });
}
