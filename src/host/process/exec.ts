// The door to other programs: argument lists only, a time limit always, the environment given whole, results as values.
import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { HostError } from "../../model/errors.ts";
import type { ExecOptions, ExecReader, ExecResult, ExecWriter } from "../../model/world.ts";
import { errnoOf, factsAt } from "../fs/stat.ts";
import { readProcess } from "./procfs.ts";
import { isReadOnlyCommand } from "./read-only-commands.ts";

const TIMEOUT_MS = 10_000;
/** Between the polite signal at the time limit and SIGKILL. */
const GRACE_MS = 1000;
const MAX_OUTPUT = 64 * 1024 * 1024;

export interface ExecReaderOptions {
  /** Paths of the agents' client besides `claude`, for the list of looking commands. */
  readonly clients?: readonly string[];
}

export interface ExecWriterOptions extends ExecReaderOptions {
  /** `process.kill`, handed in by the command. */
  readonly kill: (pid: number, signal: "SIGTERM" | "SIGKILL" | "SIGHUP" | "SIGUSR1") => unknown;
}

/**
 * git status would write its index back, and run a program that the repository's configuration names
 * (git-config(1), core.fsmonitor). Looking does neither.
 */
const GIT_READ_ONLY = {
  GIT_OPTIONAL_LOCKS: "0",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "core.fsmonitor",
  GIT_CONFIG_VALUE_0: "false",
} as const;

export function createExecReader(options: ExecReaderOptions = {}): ExecReader {
  return {
    async query(command, wishes) {
      if (!isReadOnlyCommand(command, options.clients)) {
        throw new HostError("E510", `not on the list of commands that only look: ${command.slice(0, 3).join(" ")}`);
      }
      return runQuickly(command, { ...wishes, env: { ...wishes.env, ...GIT_READ_ONLY } });
    },
  };
}

export function createExecWriter(options: ExecWriterOptions): ExecWriter {
  return {
    ...createExecReader(options),
    run: runCarefully,
    signal(target, name) {
      if (!Number.isSafeInteger(target.pid) || target.pid <= 1) return false;
      if (readProcess(target.pid)?.tick !== target.startTick) return false;
      try {
        options.kill(target.pid, name);
        return true;
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === "ESRCH") return false;
        throw new HostError("E512", `cannot send ${name} to pid ${target.pid} (${errno ?? "failed"})`, {
          cause: error,
          ...(errno === undefined ? {} : { errno }),
        });
      }
    },
  };
}

const NOTHING: ExecResult = { code: null, signal: null, stdout: "", stderr: "", timedOut: false, missing: false };

/** A program that could not be started, as a value. ENOENT means the program, unless its folder is what is missing. */
function notStarted(command: readonly string[], options: ExecOptions, error: unknown): ExecResult {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  const noFolder = options.cwd !== undefined && factsAt(options.cwd) === null;
  const stderr = noFolder ? `the folder ${options.cwd} is not there` : `cannot start ${command[0]} (${errno})`;
  return { ...NOTHING, stderr, missing: errno === "ENOENT" && !noFolder };
}

/** The bare way, for looking: no library is loaded for it. What it started is killed at the time limit. */
function runQuickly(command: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const [program = "", ...words] = command;
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      env: { ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let timedOut = false;
    const end = (result: Partial<ExecResult>): void => {
      clearTimeout(limit);
      // A grandchild may hold the pipes open; nobody waits for it.
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ ...NOTHING, stdout: stdout(), stderr: stderr(), timedOut, ...result });
    };
    const limit = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
      end({ signal: "SIGKILL" });
    }, options.timeoutMs ?? TIMEOUT_MS);
    child.once("error", (error) => end(notStarted(command, options, error)));
    child.once("close", (code, signal) => end({ code, signal }));
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const decoder = new StringDecoder("utf8");
  let text = "";
  stream?.on("data", (chunk: Buffer) => {
    if (text.length < MAX_OUTPUT) text += decoder.write(chunk);
  });
  return () => text;
}

/** The careful way, for everything that acts: execa, which ends what it started with us. */
async function runCarefully(command: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const { execa } = await import("execa");
  const [program = "", ...words] = command;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const child = execa(program, words, {
    env: { ...options.env },
    extendEnv: false,
    reject: false,
    preferLocal: false,
    stripFinalNewline: false,
    timeout: timeoutMs,
    forceKillAfterDelay: GRACE_MS,
    maxBuffer: MAX_OUTPUT,
    ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let overdue: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    overdue = setTimeout(() => resolve(null), timeoutMs + 2 * GRACE_MS);
  });
  const result = await Promise.race([child, late]);
  clearTimeout(overdue);
  if (result === null) {
    child.kill("SIGKILL");
    child.stdout?.destroy();
    child.stderr?.destroy();
    return { ...NOTHING, signal: "SIGKILL", timedOut: true };
  }
  if (result.exitCode === undefined && result.signal === undefined && !result.timedOut && result.failed) {
    return notStarted(command, options, result.cause ?? result);
  }
  return {
    code: result.timedOut ? null : (result.exitCode ?? null),
    signal: result.signal ?? null,
    stdout: result.stdout ?? "",
    stderr: result.stderr ?? "",
    timedOut: result.timedOut,
    missing: false,
  };
}
