// The fleet that is beaten: agents of two sorts, strangers beside them, and what must hold after every repair.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { fleetFiles } from "./fleets.ts";
import { openProject, type Project, type Ran } from "./project-fixture.ts";
import { clientPath, installClient, runs, sessionsOn, until, wordsOf } from "./tmux-fixture.ts";

export const AGENTS = ["agent-1", "agent-10", "baker", "baker-agent", "client-a", "client-b"] as const;
const CLIENTS: readonly string[] = ["client-a", "client-b"];
/** Names that a careless target would hit. */
const STRANGERS = ["iw-agent-100", "iw-bake", "agent-1"] as const;
const NOTES = "agents/baker/notes.md";

export interface ChaosFixture {
  readonly project: Project;
  readonly env: Readonly<Record<string, string>>;
  apply(words?: readonly string[]): Promise<Ran>;
  /** Strangers that a killed server took along come back. */
  welcomeStrangers(): void;
  /** Fails unless all is as the spec says and nothing else was touched. `label` tells the round. */
  expectWhole(label: string): Promise<void>;
}

export async function openChaosFixture(): Promise<ChaosFixture> {
  const agents = AGENTS.map((name) => {
    const command = CLIENTS.includes(name) ? ["claude"] : ["sleep", "100000"];
    return { name, more: [`session: { command: ${JSON.stringify(command)} }`] };
  });
  // A client that is asked to end by SIGTERM ends well: here that is to be repaired, too.
  const files = fleetFiles({ agents, fleet: ["  restart: always"] });
  const project = openProject({ files: { ...files, [NOTES]: "Mine. Keep off.\n" } });
  installClient(project);
  const env = { PATH: clientPath(project) };
  const strangers = new Map<string, number>();
  const conversations = new Map<string, string>();
  const fixture: ChaosFixture = {
    project,
    env,
    apply: (words = []) => project.run(["apply", "-y", "-o", "json", ...words], { env }),
    welcomeStrangers: () => {
      for (const name of STRANGERS) {
        const here = sessionsOn(project.socket)[name];
        if (here && here.pid === strangers.get(name)) continue;
        expect(here, `${name} was replaced by somebody`).toBeUndefined();
        project.tmux(["new-session", "-d", "-s", name, "sleep 100000"]);
        strangers.set(name, sessionsOn(project.socket)[name]?.pid ?? 0);
      }
    },
    expectWhole: async (label) => {
      const plan = await project.run(["plan", "--detailed-exitcode"], { env });
      expect(plan.code, `${label}\n${plan.stdout}${plan.stderr}`).toBe(0);
      expectSessions(project, strangers, label);
      expectConversations(project, conversations, label);
      expect(project.read(NOTES), label).toBe("Mine. Keep off.\n");
      expect(leftovers(project), label).toEqual([]);
      await until(`${label}: no process is left over`, () => strayProcesses(project).length === 0);
    },
  };
  const first = await fixture.apply();
  expect(first.code, first.stdout + first.stderr).toBe(0);
  fixture.welcomeStrangers();
  return fixture;
}

function expectSessions(project: Project, strangers: ReadonlyMap<string, number>, label: string): void {
  const sessions = sessionsOn(project.socket);
  const ours = AGENTS.map((name) => `iw-${name}`);
  expect(Object.keys(sessions).sort(), label).toEqual([...ours, ...STRANGERS].sort());
  for (const name of STRANGERS) {
    expect({ name, pid: sessions[name]?.pid }, label).toEqual({ name, pid: strangers.get(name) });
  }
  for (const agent of AGENTS) {
    const live = sessions[`iw-${agent}`];
    expect({ agent, runs: runs(live?.pid ?? 0), dead: live?.dead }, label).toEqual({ agent, runs: true, dead: false });
    expect(readlinkSync(`/proc/${live?.pid}/cwd`), label).toBe(project.path(`agents/${agent}`));
  }
}

/** A client keeps its conversation, whatever happened to it. */
function expectConversations(project: Project, known: Map<string, string>, label: string): void {
  for (const agent of CLIENTS) {
    const words = wordsOf(sessionsOn(project.socket)[`iw-${agent}`]?.pid ?? 0);
    const id = words.find((word) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(word)) ?? "";
    expect(id, `${label}: ${agent} runs ${words.join(" ")}`).toBe(known.get(agent) ?? id);
    expect(id, label).not.toBe("");
    known.set(agent, id);
  }
}

/** Files of ours that only a run in the middle of its work may have. */
function leftovers(project: Project): string[] {
  const files = readdirSync(project.root, { recursive: true, encoding: "utf8" });
  const temporary = files.filter(
    (path) => /\.rollcall-|\.tmp\d*$|\.new$/.test(path) && !path.startsWith("state/before/"),
  );
  const working = files.filter((path) => path === "state/lock" || /^state\/(journal|lock\.)[/.]?./.test(path));
  return [...temporary, ...working].sort();
}

/** Processes that run in an agent's folder and are no pane of its session. */
function strayProcesses(project: Project): string[] {
  const panes = new Set(Object.values(sessionsOn(project.socket)).map(({ pid }) => String(pid)));
  const agents = `${project.path("agents")}/`;
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || panes.has(pid)) return false;
    try {
      if (/\) [ZX] /.test(readFileSync(join("/proc", pid, "stat"), "utf8"))) return false;
      return readlinkSync(join("/proc", pid, "cwd")).startsWith(agents);
    } catch {
      return false;
    }
  });
}
