// The laboratory: one project that is spoiled, asked and mended again thousands of times, and what must hold each time.
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { expect } from "vitest";
import { errorShape } from "./documents.ts";
import type { Answer, Question } from "./fuzz-driver.ts";
import {
  changedPaths,
  makeProject,
  type Picture,
  type Project,
  type ProjectOptions,
  snapshot,
} from "./project-fixture.ts";

/** What one call may cost. */
const LIMITS = {
  /** Milliseconds of processor time. */
  cpu: 2_000,
  /** Milliseconds until it counts as hung and is killed. */
  wall: 30_000,
  /** Bytes that the process may grow to. */
  rss: 300 * 1024 * 1024,
} as const;

/** Every exit the contract knows. */
const EXITS = [0, 1, 2, 3, 4, 5, 64];
const STACK = /^\s+at .*\d+:\d+\)?$|node:internal|driver:/m;
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

export interface Outcome extends Answer {
  readonly stdout: string;
  readonly stderr: string;
  /** The document on stdout, when it was asked for. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

export interface FuzzFixture {
  readonly project: Project;
  /** Runs the command; everything that must hold of any call is demanded. */
  ask(argv: readonly string[]): Promise<Outcome>;
  /** Puts all back as it was when the laboratory was opened or last kept. */
  mend(): void;
  /** From now on this is what `mend` goes back to. */
  keep(): void;
  /** Writes bytes to a file of the project. */
  spoil(path: string, bytes: Buffer | string): void;
  close(): void;
}

/** Opens a project and converges it once. */
export async function openFuzzFixture(options: ProjectOptions): Promise<FuzzFixture> {
  const { project, close } = makeProject(options);
  const base = dirname(project.root);
  const kept = mkdtempSync(join(tmpdir(), "rollcall-fuzz-"));
  const driver = openDriver(kept, project);
  let whole: Picture = {};
  const copy = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true } as const;
  const keep = (): void => {
    rmSync(join(kept, "fleet"), { recursive: true, force: true });
    cpSync(project.root, join(kept, "fleet"), copy);
    whole = snapshot(base, { except: ["fleet"] });
  };
  const fixture: FuzzFixture = {
    project,
    keep,
    mend() {
      for (const name of ["desired", "templates", "agents", "state", "rollcall.config.yaml", "saved.json"]) {
        project.remove(name);
      }
      cpSync(join(kept, "fleet"), project.root, copy);
    },
    spoil(path, bytes) {
      mkdirSync(dirname(project.path(path)), { recursive: true });
      writeFileSync(project.path(path), bytes);
      // Written a while ago: whoever heals it need not wait whether its writer is in the middle.
      const before = Date.now() / 1000 - 60;
      utimesSync(project.path(path), before, before);
    },
    async ask(argv) {
      const before = snapshot(project.root);
      const outcome = await driver.ask({ argv, cwd: project.root });
      expectWellBehaved(outcome);
      if (isRefusal(outcome)) expect(changedPaths(before, snapshot(project.root)), "written by a refusal").toEqual([]);
      expect(changedPaths(whole, snapshot(base, { except: ["fleet"] })), "written outside of the project").toEqual([]);
      return outcome;
    },
    close() {
      driver.close();
      close();
      rmSync(kept, { recursive: true, force: true });
    },
  };
  const first = await project.run(["apply", "-y", "--files-only"]);
  expect(first.code, first.stderr).toBe(0);
  keep();
  return fixture;
}

/** An exit with an error document, or with words on stderr and no result at all: nothing may have come of it. */
function isRefusal({ code, stdout, document }: Outcome): boolean {
  return code !== 0 && (document === undefined ? stdout === "" : document["kind"] === "error");
}

function expectWellBehaved(outcome: Outcome): void {
  const { code, stdout, stderr, cpu, rss, polluted, document } = outcome;
  const printed = `${stdout}\n${stderr}`;
  expect(EXITS, printed).toContain(code);
  expect(printed).not.toMatch(STACK);
  expect(printed).not.toMatch(UNSAFE);
  expect(printed).not.toMatch(/\bE001\b/);
  expect(polluted).toEqual([]);
  expect(cpu, "milliseconds of processor time").toBeLessThan(LIMITS.cpu);
  expect(rss, "bytes of memory").toBeLessThan(LIMITS.rss);
  if (document?.["kind"] !== "error") return;
  const { code: told, diagnostics } = errorShape.parse(document);
  if (told !== "E100") return;
  expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  for (const { file, line, col } of diagnostics) {
    expect(file).not.toBe("");
    expect(Math.min(line, col)).toBeGreaterThanOrEqual(1);
  }
}

interface Driver {
  ask(question: Question): Promise<Outcome>;
  close(): void;
}

/** The driver's process, with files for its output: started when it is needed, again when a call ended it. */
function openDriver(folder: string, project: Project): Driver {
  const script = join(folder, "driver.cjs");
  buildSync({
    entryPoints: [new URL("./fuzz-driver.ts", import.meta.url).pathname],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    external: ["typescript"],
    logLevel: "error",
  });
  const outputs = { stdout: join(folder, "stdout"), stderr: join(folder, "stderr") };
  let child: ChildProcess | undefined;

  async function running(): Promise<ChildProcess> {
    if (child?.connected) return child;
    const [out, err] = [openSync(outputs.stdout, "a"), openSync(outputs.stderr, "a")];
    const started = spawn(process.execPath, ["--max-old-space-size=200", script], {
      env: { ...project.env },
      stdio: ["ignore", out, err, "ipc"],
    });
    await new Promise((resolve) => started.once("message", resolve));
    child = started;
    return started;
  }

  return {
    async ask(question) {
      const asked = await running();
      truncateSync(outputs.stdout);
      truncateSync(outputs.stderr);
      const answer = await answerOf(asked, question);
      const stdout = readFileSync(outputs.stdout, "utf8");
      const stderr = readFileSync(outputs.stderr, "utf8");
      if (typeof answer === "string") {
        child = undefined;
        return expect.fail(`${answer}: ${question.argv.join(" ")}\n${stdout}\n${stderr}`);
      }
      const isJson = question.argv.includes("json");
      return { ...answer, stdout, stderr, document: isJson ? documentOf(stdout) : undefined };
    },
    close: () => child?.kill("SIGKILL"),
  };
}

function documentOf(stdout: string): Outcome["document"] {
  try {
    return JSON.parse(stdout) as Outcome["document"];
  } catch {
    return expect.fail(`stdout is not one JSON document:\n${stdout.slice(0, 2000)}`);
  }
}

/** The answer, or what happened instead of one. */
function answerOf(child: ChildProcess, question: Question): Promise<Answer | string> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      child.kill("SIGKILL");
      settle(`no answer within ${LIMITS.wall / 1000} s`);
    }, LIMITS.wall);
    const onExit = (code: number | null, signal: string | null): void => settle(`it ended with ${signal ?? code}`);
    const settle = (answer: Answer | string): void => {
      clearTimeout(limit);
      child.off("exit", onExit);
      child.off("message", settle);
      resolve(answer);
    };
    child.once("exit", onExit);
    child.once("message", settle);
    child.send(question);
  });
}
