// What the stories of a lost tmux socket share: taking the socket away from a server that runs on, and a picture of all it holds.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { fleetFiles, PAIR } from "./fleets.ts";
import { openProject, type Project } from "./project-fixture.ts";
import { applied, endAfterwards, QUIET, runs, sessionsOn, tmuxOn, until } from "./tmux-fixture.ts";

/** A shell that always has a child: busy, by the rule for commands that are no client. */
export const BUSY: readonly string[] = ["sh", "-c", "while :; do sleep 1; done"];

export const socketOf = (project: Project): string => join("/tmp", `tmux-${process.getuid?.() ?? 0}`, project.socket);

/** A fleet of two with its sessions up, and the pid of its tmux server, which ends with the test in any case. */
export async function livePair(command: readonly string[] = QUIET, fleet: readonly string[] = []) {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command, fleet }) });
  await applied(project);
  return { project, server: serverOf(project) };
}

/** The pid of the server that answers on the project's socket; it is ended after the test, reachable or not. */
export function serverOf(project: Project): number {
  const server = Number(project.tmux(["display-message", "-p", "#{pid}"]));
  onTestFinished(() => endServer(server));
  return server;
}

/** Ends a tmux server by its pid, with the processes in its panes. */
function endServer(server: number): void {
  if (!runs(server) || readFileSync(`/proc/${server}/comm`, "utf8").trim() !== "tmux: server") return;
  const children = readFileSync(`/proc/${server}/task/${server}/children`, "utf8").split(" ").filter(Boolean);
  for (const pid of [server, ...children.map(Number)]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  }
}

/** Takes the socket away, as a cleaner of temporary files does. */
export const loseSocket = (project: Project): void => rmSync(socketOf(project), { recursive: true });

/** What stands in the socket's place. */
export const IN_ITS_PLACE = {
  nothing: loseSocket,
  "a dead socket": (project: Project): void => {
    const other = `${project.socket}-dead`;
    endAfterwards(other);
    tmuxOn(other, ["new-session", "-d", "sleep 1000"]);
    process.kill(Number(tmuxOn(other, ["display-message", "-p", "#{pid}"])), "SIGKILL");
    loseSocket(project);
    renameSync(socketOf(project).replace(project.socket, other), socketOf(project));
  },
  "a file": (project: Project): void => {
    loseSocket(project);
    writeFileSync(socketOf(project), "");
  },
} as const;

/** A folder in the socket's place: the server cannot make its socket again. */
export function obstruct(project: Project): void {
  rmSync(socketOf(project), { force: true });
  mkdirSync(socketOf(project));
  onTestFinished(() => rmSync(socketOf(project), { recursive: true, force: true }));
}

/** Everything below a tmux server by pid and kernel start tick, whether it can be asked or not. */
export function processesBelow(server: number): string[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  return rows
    .map((row) => row.trim().split(/\s+/))
    .flatMap(([pid = "", parent]) => (parent === `${server}` ? [`${pid} ${startTick(pid)}`] : []))
    .sort();
}

function startTick(pid: string): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

/** Every session by name, once the server can be asked again. */
export async function sessionsAgain(project: Project) {
  await until("the server answers", () => Object.keys(sessionsOn(project.socket)).length > 0);
  return sessionsOn(project.socket);
}
