// What the stories of live fleets share: sessions as tmux itself tells them, the stand-in client, and a terminal to sit at.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { digestBytes } from "../../src/delta/digest.ts";
import { planShape, type RunDocument, runShape } from "./documents.ts";
import type { Document, Project, Ran, RunOptions } from "./project-fixture.ts";
import { runs, until } from "./session-fixture.ts";

export { runs, until };

/** One session as tmux tells it, asked without any code of ours. */
export interface Live {
  readonly id: string;
  readonly pid: number;
  readonly dead: boolean;
}

/** A command whose process is the agent itself, does nothing and counts as idle. */
export const QUIET: readonly string[] = ["sleep", "100000"];

/** Runs tmux on a socket of any name; throws when tmux says no. */
export function tmuxOn(socket: string, args: readonly string[]): string {
  const env = { PATH: process.env["PATH"] ?? "" };
  const words = ["-L", socket, "-f", "/dev/null", ...args];
  return execFileSync("tmux", words, { env, encoding: "utf8", cwd: "/", stdio: "pipe" }).trim();
}

/** Where tmux is, for programs that stand in front of it. */
export function realTmux(): string {
  return realpathSync(execFileSync("sh", ["-c", "command -v tmux"], { encoding: "utf8" }).trim());
}

/** Ends the server of a socket after the test; for sockets that no project has as its own. */
export function endAfterwards(socket: string): void {
  onTestFinished(() => {
    try {
      tmuxOn(socket, ["kill-server"]);
    } catch {
      // it never started
    }
    rmSync(join("/tmp", `tmux-${process.getuid?.() ?? 0}`, socket), { force: true });
  });
}

/** Every session of a socket by its name; none when there is no server. */
export function sessionsOn(socket: string): Readonly<Record<string, Live>> {
  let text: string;
  try {
    text = tmuxOn(socket, ["list-panes", "-a", "-F", "#{session_name} #{session_id} #{pane_pid} #{pane_dead}"]);
  } catch {
    return {};
  }
  const rows = text.split("\n").map((row) => row.split(" "));
  return Object.fromEntries(
    rows.map(([name = "", id = "", pid, dead]) => [name, { id, pid: Number(pid), dead: dead === "1" }]),
  );
}

/** Takes the processes out of the ledger, as before it kept them: another process under the same mark is no tampering. */
export function forgetProcesses(project: Project): void {
  const text = project.read("state/ledger.json").replaceAll(/"pid":\d+,"tick":"\d+",/g, "");
  const proven = text.slice(0, text.lastIndexOf('  "digest": "'));
  project.write("state/ledger.json", `${proven}  "digest": "${digestBytes(proven)}"\n}\n`);
}

/** The session of an agent, which must be there. */
export function liveOf(project: Project, agent: string): Live {
  const live = sessionsOn(project.socket)[`iw-${agent}`];
  if (!live) return expect.fail(`there is no session iw-${agent}`);
  return live;
}

/** The words a process was started with, from the kernel. */
export function wordsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
}

export function folderOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/cwd`);
}

/** Ends a process and waits until tmux has heard of it. */
export async function endProcess(project: Project, agent: string, signal: NodeJS.Signals): Promise<void> {
  process.kill(liveOf(project, agent).pid, signal);
  await until(`the pane of ${agent} is dead`, () => liveOf(project, agent).dead);
}

/** Runs an apply that must end with this code; its document. */
export async function applied(
  project: Project,
  {
    words = [],
    code = 0,
    ...options
  }: RunOptions & { readonly words?: readonly string[]; readonly code?: number } = {},
): Promise<RunDocument> {
  const ran = await project.run(["apply", "-y", "-o", "json", ...words], options);
  return runDocument(ran, code);
}

/** The run document of something that must have ended with this code. */
export function runDocument(ran: Ran, code: number): RunDocument {
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return runShape.parse(ran.json());
}

/** The plan with every option for machines; exit code and document. */
export async function planned(project: Project, words: readonly string[] = [], options: RunOptions = {}) {
  const ran = await project.run(["plan", "--detailed-exitcode", "-o", "json", ...words], options);
  return { code: ran.code, plan: planShape.parse(ran.json()) };
}

interface AgentRow {
  readonly agent: string;
  readonly sync: string;
  readonly health: string;
  readonly notes: readonly string[];
  readonly session: Readonly<Record<string, unknown>> | null;
  readonly hold?: { readonly reason: string; readonly since: string; readonly by: string };
}

/** `status` by agent. */
export async function statuses(
  project: Project,
  options: RunOptions = {},
): Promise<Readonly<Record<string, AgentRow>>> {
  const ran = await project.run(["status", "-o", "json"], options);
  expect(ran.code, ran.stderr).toBe(0);
  const { agents } = ran.json() as Document & { readonly agents: readonly AgentRow[] };
  return Object.fromEntries(agents.map((one) => [one.agent, one]));
}

/** What a run did, without order. */
export function changesOf(run: RunDocument): string[] {
  return run.outcomes.map(({ action, address, result }) => `${action} ${address} ${result}`).sort();
}

/** Times of all folders below one: a file that came and went shows in its folder's. */
export function folderTimes(folder: string): Readonly<Record<string, bigint>> {
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isDirectory());
  const paths = [folder, ...folders.map((one) => join(one.parentPath, one.name))];
  return Object.fromEntries(paths.map((path) => [path, statSync(path, { bigint: true }).mtimeNs]));
}

/** A PATH with the stand-in client in front, as a person with a client in ~/.local/bin has it. */
export function clientPath(project: Project): string {
  return `${join(project.home, ".local/bin")}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
}

/** Installs the stand-in client in the project's home. */
export function installClient(project: Project): string {
  const path = join(project.home, ".local/bin/claude");
  const text = readFileSync(fileURLToPath(new URL("./stand-in/claude", import.meta.url)), "utf8");
  project.write("../home/.local/bin/claude", text, 0o755);
  return path;
}

interface ClientEntry {
  readonly status: string;
  readonly turns: number;
  readonly sessionId: string;
}

/** What the agent's client says of itself; null before it is up. */
export function clientOf(project: Project, agent: string): ClientEntry | null {
  const path = join(project.home, ".claude/sessions", `${liveOf(project, agent).pid}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ClientEntry) : null;
}

/** Waits until the agent's client is up and idle. */
export function clientUp(project: Project, agent: string): Promise<void> {
  return until(`the client of ${agent} is up`, () => clientOf(project, agent)?.status === "idle", 10_000);
}

/** Types a line to an agent's client and waits for the state it leads to. */
export async function setClientState(
  project: Project,
  agent: string,
  line: "busy" | "waiting" | "idle",
): Promise<void> {
  const before = clientOf(project, agent)?.turns ?? 0;
  project.tmux(["send-keys", "-t", `=iw-${agent}:`, "-l", "--", line]);
  project.tmux(["send-keys", "-t", `=iw-${agent}:`, "Enter"]);
  await until(`the client of ${agent} is ${line}`, () => {
    const now = clientOf(project, agent);
    return now !== null && now.turns > before && now.status === line;
  });
}

/** A terminal of its own: a pane on another private server, in which a command runs that can be typed to. */
export interface Terminal {
  screen(): string;
  type(text: string): void;
  /** Sends a key by tmux's name for it. */
  press(key: string): void;
  /** The exit code once the command has ended. */
  ended(limitMs?: number): Promise<number>;
}

/** Runs a command in a terminal, with exactly this environment beside what tmux sets (TMUX, TMUX_PANE, TERM). */
export function openTerminal(
  command: readonly string[],
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Terminal {
  const socket = `terminal-${randomUUID().slice(0, 8)}`;
  endAfterwards(socket);
  const bare = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-desk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const code = join(folder, "code");
  // tmux is not asked for the code: under load it may never hear that a process has ended.
  const script = `env -i TERM="$TERM" TMUX="$TMUX" TMUX_PANE="$TMUX_PANE" "$@"; echo $? > '${code}.new'; mv '${code}.new' '${code}'`;
  const words = ["sh", "-c", script, "sh", ...bare];
  const start = ["new-session", "-d", "-s", "desk", "-x", "200", "-y", "50", "-c", cwd, "--", ...words, ...command];
  tmuxOn(socket, [...start, ";", "set-option", "-p", "remain-on-exit", "on"]);
  const screen = () => tmuxOn(socket, ["capture-pane", "-p", "-J", "-S", "-500", "-t", "desk:"]);
  return {
    screen,
    type: (text) => void tmuxOn(socket, ["send-keys", "-t", "desk:", "-l", "--", text]),
    press: (key) => void tmuxOn(socket, ["send-keys", "-t", "desk:", key]),
    ended: async (limitMs = 20_000) => {
      await until("the command in the terminal ends", () => existsSync(code), limitMs).catch((error: Error) => {
        throw new Error(`${error.message}; it shows:\n${screen()}`);
      });
      return Number(readFileSync(code, "utf8"));
    },
  };
}
