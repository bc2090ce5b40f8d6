// A temporary project for the stories of the doors, and child processes that run this program's own code.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach } from "vitest";
import { createReader, createWriter } from "../../src/host/world.ts";
import type { Reader, Writer } from "../../src/model/world.ts";

const made: string[] = [];
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A real, private folder that goes away after the test file. */
export function temporary(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-test-")));
  made.push(path);
  return path;
}

/** A project root with its state folder and one agent's folder. */
export function project(): { readonly root: string; readonly state: string; readonly settings: string } {
  const root = temporary();
  const state = join(root, "state");
  const settings = join(root, "agents/planning-agent/.claude/settings.json");
  mkdirSync(state, { mode: 0o700 });
  mkdirSync(dirname(settings), { recursive: true, mode: 0o755 });
  return { root, state, settings };
}

/** A temporary root with the real doors to it: made anew at each call, so that nothing is remembered. @public */
export function openWorld(): { readonly root: string; reader(): Reader; writer(): Writer } {
  const root = temporary();
  const world = {
    roots: [root],
    state: join(root, "state"),
    env: {},
    run: "0001-aaaa",
    note: () => {},
    kill: () => true,
  };
  return { root, reader: () => createReader({ roots: [root], env: {} }), writer: () => createWriter(world) };
}

/** Compiles a program of the test folder into one file that plain node runs. */
export function compiled(entry: string): string {
  const outfile = join(temporary(), "program.mjs");
  buildSync({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile, logLevel: "error" });
  return outfile;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
}

/** Starts a process; it is killed at the end of the test at the latest. */
export function start(command: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const [program = "", ...words] = command;
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  let out = "";
  child.stdout?.on("data", (chunk) => (out += chunk));
  child.stderr?.on("data", (chunk) => (out += chunk));
  const ended = new Promise<Ended>((resolve) => child.once("close", (code, signal) => resolve({ code, signal, out })));
  return { child, ended };
}
