// The real client as the stories use it: fetched, cut off from the network where the system allows that, and played.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Step } from "./client-cases.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Path of the pinned client, or of the version ROLLCALL_CLIENT_VERSION names; fetched into .cache/ when it is not there. */
export function findClient(): string {
  const version = process.env["ROLLCALL_CLIENT_VERSION"];
  const words = ["scripts/fetch-client.mjs", ...(version === undefined ? [] : [version])];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: repository, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.trim());
  return stdout.trim();
}

/** Words in front of a command that give it a network of its own with nothing but loopback in it; none where that is refused. */
function isolation(): readonly string[] {
  const up = "ip link set lo up";
  for (const flags of ["-n", "-rn"]) {
    if (spawnSync("unshare", [flags, "sh", "-c", up], { stdio: "ignore" }).status === 0)
      return ["unshare", flags, "sh", "-c", `${up} && exec "$@"`, "sh"];
  }
  return [];
}

let alone: readonly string[] | undefined;

function inIsolation(command: readonly string[]): readonly [string, ...string[]] {
  alone ??= isolation();
  const [program = "", ...rest] = [...alone, ...command];
  return [program, ...rest];
}

/** What became of one call. `failed`: nobody refused it, and it did not do its work. */
export interface Outcome {
  readonly verdict: "ran" | "denied" | "failed";
  readonly by: string | null;
  readonly text: string;
  /** It left its trace: what it touches is another than right before, or its words were heard. */
  readonly effect: boolean;
}

export interface Played {
  readonly calls: readonly Outcome[];
  /** How many answers of PreToolUse hooks there were. */
  readonly hooks: number;
}

/** What somebody does to the disk right before a call: paths absolute. */
export interface Deed {
  readonly remove?: string;
  readonly rename?: readonly [from: string, to: string];
  readonly mode?: readonly [path: string, mode: number];
}

export interface ScriptStep extends Step {
  readonly first?: readonly Deed[];
  /** The path, or the words to another conversation, by which it is seen that the call ran. */
  readonly touches?: string;
  readonly says?: string;
}

export interface Play {
  readonly client: string;
  /** Absolute: where the client is started. */
  readonly folder: string;
  /** Its HOME; the folder it trusts is written there. */
  readonly home: string;
  readonly trusted: string;
  readonly steps: readonly ScriptStep[];
  readonly options?: readonly string[];
  /** On top of the bare environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
}

function collect(command: readonly [string, ...string[]], input: string): Promise<string> {
  const [program, ...words] = command;
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else reject(new Error(`${program} ended with ${code}: ${Buffer.concat(err).toString()}`));
    });
  });
}

function settleIn({ home, trusted }: Pick<Play, "home" | "trusted">): void {
  mkdirSync(join(home, ".claude"), { recursive: true });
  const projects = { [trusted]: { hasTrustDialogAccepted: true } };
  writeFileSync(join(home, ".claude/.claude.json"), JSON.stringify({ hasCompletedOnboarding: true, projects }));
}

/** Plays steps in the client; throws when the client did not answer for every one of them. */
export async function play({ options = [], limitMs = 120_000, ...job }: Play): Promise<Played> {
  settleIn(job);
  const command = inIsolation([process.execPath, join(here, "client-play.mjs")]);
  const answer: Played | { readonly error: string } = JSON.parse(
    await collect(command, JSON.stringify({ ...job, options, limitMs })),
  );
  if ("error" in answer) throw new Error(answer.error);
  return answer;
}

/** What `claude doctor` has to say about a folder's settings: the lines under its two headings; throws when it says nothing. */
export async function clientDoctor({
  client,
  folder,
  home,
}: Pick<Play, "client" | "folder" | "home">): Promise<string[]> {
  const env = `PATH=${process.env["PATH"] ?? ""}`;
  const words = [
    env,
    `HOME=${home}`,
    `CLAUDE_CONFIG_DIR=${home}/.claude`,
    "ANTHROPIC_API_KEY=not-a-key",
    "ANTHROPIC_BASE_URL=http://127.0.0.1:9",
  ];
  const quiet = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1"];
  const there = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder];
  const text = await collect(inIsolation([...there, "env", "-i", ...words, ...quiet, client, "doctor"]), "");
  if (!/^Claude Code doctor/m.test(text)) throw new Error(`claude doctor said something else: ${text.slice(0, 300)}`);
  const sections = text.split(/\n\s*\n/);
  const wrong = sections.filter((one) => /^(?:Invalid settings|Permission rules that may not work)/.test(one.trim()));
  return wrong.flatMap((one) =>
    one
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim()),
  );
}
