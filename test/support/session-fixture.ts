// A workshop for session tests: a project in a temporary folder, a private tmux socket, the real doors and the real loop.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { scopeOf } from "../../src/engine/scope.ts";
import { createReader, createWriter } from "../../src/host/world.ts";
import { session } from "../../src/kinds/session/index.ts";
import type { Agent, Fleet, RenderedFile, SessionSpec } from "../../src/model/fleet.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Run } from "../../src/model/outcome.ts";
import type { Recorder } from "../../src/model/recorder.ts";
import type { Elsewhere, Recorded, Records } from "../../src/model/resource.ts";
import { converge, type Planned, plan } from "../../src/reconcile.ts";
import { SESSION as DEFAULTS, agentNamed as plainAgent, fleetOf as plainFleet } from "./fleet.ts";

/** A harmless program in place of the client. */
export const SESSION: SessionSpec = { ...DEFAULTS, command: ["sleep", "1000"] };

export function file(target: string, text: string): RenderedFile {
  const json = target.endsWith(".json") ? { json: JSON.parse(text) } : {};
  return { target, text, merge: "whole", mode: "0644", portable: true, template: target, ...json };
}

export function agentNamed(name: string, more: Partial<Agent> = {}): Agent {
  const files = [file(".claude/CLAUDE.md", `# ${name}\n`), file(".claude/settings.json", '{"model":"sonnet"}\n')];
  return plainAgent(name, { model: "sonnet", session: SESSION, files, ...more });
}

export interface FleetWishes {
  readonly root: string;
  readonly socket: string;
  readonly agents: readonly Agent[];
  readonly session?: Partial<SessionSpec>;
  readonly sessionPath?: string;
  readonly attachedGraceMs?: number;
}

export function fleetOf({ root, socket, agents, session: own = {}, sessionPath, attachedGraceMs }: FleetWishes): Fleet {
  const spec = { ...SESSION, ...own };
  const base = plainFleet([], { root });
  return {
    ...base,
    name: "workshop",
    agents: agents.map((one) => (one.session === SESSION ? { ...one, session: spec } : one)),
    session: spec,
    policy: { ...base.policy, pruneBudget: { count: 100 }, attachedGraceMs: attachedGraceMs ?? 600_000 },
    machine: { ...base.machine, socket, sessionPath: sessionPath ?? process.env["PATH"] ?? "" },
  };
}

/** A ledger in memory. */
class MemoryLedger implements Recorder {
  readonly kept = new Map<string, Recorded>();
  readonly others = new Map<string, Elsewhere[]>();
  readonly notes: { readonly address: string; readonly facts: JsonObject }[] = [];

  records(): Records {
    const { kept, others } = this;
    return {
      lineage: "workshop",
      serial: 0,
      holds: {},
      get: (address) => kept.get(address),
      addresses: () => kept.keys(),
      elsewhere: (address) => others.get(address) ?? [],
      unfinished: () => undefined,
    };
  }

  begin(): void {}

  async commit(repairs: Parameters<Recorder["commit"]>[0]): Promise<void> {
    for (const { address, record } of repairs) {
      if (record) this.kept.set(address, record);
      else this.kept.delete(address);
    }
  }

  async end(): Promise<void> {}

  forgetKilled(): void {}
}

interface Flags {
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly overwrite?: boolean;
}

let made = 0;

/** One project with its own socket. Call `close` at the end: it ends the server and takes the folder away. */
export class SessionFixture {
  readonly root: string;
  readonly socket: string;
  readonly home: string;
  readonly ledger = new MemoryLedger();
  env: Record<string, string>;
  agents: readonly Agent[];
  session: Partial<SessionSpec>;
  sessionPath: string;
  attachedGraceMs = 600_000;
  private readonly sockets = new Set<string>();

  constructor(names: readonly string[], own: Partial<SessionSpec> = {}) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "workshop-")));
    this.socket = `rollcall-test-${process.pid}-${made++}`;
    this.home = join(this.root, "home");
    this.sessionPath = `${join(this.root, "bin")}:${process.env["PATH"]}`;
    this.env = { PATH: process.env["PATH"] ?? "", HOME: this.home, TERM: "xterm" };
    this.agents = names.map((name) => agentNamed(name));
    this.session = own;
    for (const folder of ["home", "bin", "state", "agents"]) mkdirSync(join(this.root, folder));
    for (const name of names) mkdirSync(this.folder(name));
  }

  folder(name: string): string {
    return join(this.root, "agents", name);
  }

  fleet(socket = this.socket): Fleet {
    this.sockets.add(socket);
    const { root, agents, session: own, sessionPath, attachedGraceMs } = this;
    return fleetOf({ root, socket, agents, session: own, sessionPath, attachedGraceMs });
  }

  reader() {
    return createReader({ roots: [this.root], env: this.env });
  }

  writer() {
    const { root, env, ledger } = this;
    return createWriter({
      roots: [root],
      state: join(root, "state"),
      env,
      run: "run-1",
      kill: (pid, signal) => process.kill(pid, signal),
      note: (address, facts) => ledger.notes.push({ address, facts }),
    });
  }

  private request(flags: Flags, socket: string) {
    const { prune = false, force = false, overwrite = false } = flags;
    return {
      fleet: this.fleet(socket),
      kinds: [session],
      scope: scopeOf({ agents: [], filesOnly: false, portable: false }),
      allowed: { prune, force, overwrite, allowDelete: undefined },
      wholeBasis: false,
    };
  }

  plan(flags: Flags = {}, socket = this.socket): Promise<Planned> {
    return plan({ ...this.request(flags, socket), records: this.ledger.records() }, this.reader());
  }

  /** Lays every agent's files as they are rendered: what the kind `config` does before sessions are started. */
  layFiles(): void {
    for (const { dir, files } of this.agents.filter((one) => existsSync(this.folder(one.dir)))) {
      for (const { target, text } of files) {
        const path = join(this.folder(dir), target);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
  }

  /** Plans and converges through the real loop; the outcome and what then remains. */
  async apply(flags: Flags = {}, socket = this.socket): Promise<Run> {
    this.layFiles();
    return this.applyAsItLies(flags, socket);
  }

  /** The same without touching the agents' files. */
  async applyAsItLies(flags: Flags = {}, socket = this.socket): Promise<Run> {
    return this.planThenApply(() => {}, flags, socket);
  }

  /** The same as apply, with something that happens after the plan was made. */
  async applyAfter(happens: () => void | Promise<void>, flags: Flags = {}, socket = this.socket): Promise<Run> {
    this.layFiles();
    return this.planThenApply(happens, flags, socket);
  }

  private async planThenApply(happens: () => void | Promise<void>, flags: Flags, socket: string): Promise<Run> {
    const request = this.request(flags, socket);
    const planned = await plan({ ...request, records: this.ledger.records() }, this.reader());
    await happens();
    return converge(
      planned,
      {
        ...request,
        recorder: this.ledger,
        command: "apply",
        keepGoing: true,
        stopping: () => false,
        by: "cli",
        emit: () => {},
      },
      this.writer(),
    );
  }

  /** Runs tmux on this workshop's socket; its standard output without the last newline. */
  tmux(...words: string[]): string {
    return this.tmuxOn(this.socket, ...words);
  }

  tmuxOn(socket: string, ...words: string[]): string {
    this.sockets.add(socket);
    const env = { PATH: process.env["PATH"] ?? "", HOME: this.home };
    return execFileSync("tmux", ["-u", "-L", socket, "-f", "/dev/null", ...words], { env, cwd: "/", stdio: "pipe" })
      .toString()
      .replace(/\n$/, "");
  }

  /** Names of all sessions on the socket, sorted. */
  names(): string[] {
    try {
      return this.tmux("list-sessions", "-F", "#{session_name}").split("\n").sort();
    } catch {
      return [];
    }
  }

  pid(name: string): number {
    return Number(this.tmux("display-message", "-p", "-t", `=${name}:`, "#{pane_pid}"));
  }

  /** Puts an executable on the sessions' PATH. */
  program(name: string, text: string): string {
    const path = join(this.root, "bin", name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  }

  /** Puts the stand-in client on the sessions' PATH under the name `claude`. */
  installClient(): void {
    const path = join(this.root, "bin", "claude");
    cpSync(join(import.meta.dirname, "./stand-in/claude"), path);
    chmodSync(path, 0o755);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  close(): void {
    for (const socket of [this.socket, ...this.sockets]) {
      spawnSync("tmux", ["-L", socket, "-f", "/dev/null", "kill-server"], { env: { PATH: process.env["PATH"] } });
      rmSync(`/tmp/tmux-${process.getuid?.()}/${socket}`, { force: true });
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Waits until something holds; fails after the limit. */
export async function until(what: string, holds: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** True while a process of that pid runs and is no zombie. */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
