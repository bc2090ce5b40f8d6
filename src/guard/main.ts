// The program inside every hook executable: reads one call on stdin, asks decide, ends with 42 (go on) or 2 (refused).
// It is bundled by scripts/build-guard.mjs and runs under `node -e`, alone: nothing of rollcall is there.
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { decide } from "./decide.ts";
import type { Disk, GuardPolicy } from "./policy.ts";

const MAX_INPUT = 64 << 20;
const MAX_SCRIPT = 64 << 10;

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

const disk: Disk = {
  link: (path) =>
    attempt(() => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) === true ? readlinkSync(path) : null,
  kind: (path) => {
    const facts = attempt(() => statSync(path, { throwIfNoEntry: false }));
    return facts?.isDirectory() ? "folder" : facts?.isFile() ? "file" : null;
  },
  list: (path) =>
    attempt(() =>
      readdirSync(path, { withFileTypes: true }).map((one) => (one.isDirectory() ? `${one.name}/` : one.name)),
    ),
  read: (path) =>
    attempt(() => {
      if (!statSync(path).isFile()) return null;
      const fd = openSync(path, "r");
      try {
        const { size } = fstatSync(fd);
        if (size > MAX_SCRIPT) return null;
        const buffer = Buffer.alloc(size);
        return buffer.toString("utf8", 0, readSync(fd, buffer, 0, size, 0));
      } finally {
        closeSync(fd);
      }
    }),
  home: process.env["HOME"] ?? "",
  config: process.env["CLAUDE_CONFIG_DIR"] ?? "",
  socket: /^[^,]*/.exec(process.env["TMUX"] ?? "")?.[0] ?? "",
};

/** All of stdin. A pipe that is not ready yet is waited for. */
function stdin(): string {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.alloc(65536);
    let count = 0;
    try {
      count = readSync(0, chunk, 0, chunk.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") break;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      continue;
    }
    if (count === 0) break;
    length += count;
    if (length > MAX_INPUT) throw new Error("the call is larger than 64 MiB");
    chunks.push(chunk.subarray(0, count));
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The launch folder: where this executable lies, or what the client says when that is somewhere else. */
function launchFolder(policy: GuardPolicy): string {
  const lies = realpathSync(join(dirname(realpathSync(process.argv[1] ?? "")), policy.up));
  if (lies.endsWith(`/${policy.home}`)) return lies;
  const answered = attempt(() => realpathSync(process.env["CLAUDE_PROJECT_DIR"] ?? ""));
  return answered?.endsWith(`/${policy.home}`) ? answered : lies;
}

/** Put around this text by the executable that carries it (see render.ts). */
declare const POLICY: GuardPolicy;

function main(policy: GuardPolicy): void {
  let reason: string | null = "error in the guard";
  try {
    const home = launchFolder(policy);
    const root = realpathSync(join(home, policy.root));
    reason = decide(JSON.parse(stdin()), { policy, root, home, disk });
  } catch (error) {
    reason = `cannot read the call: ${String(error)}`.replace(/\s+/g, " ").slice(0, 400);
  }
  if (reason !== null) attempt(() => writeSync(2, `auto-deny: ${reason}\n`));
  process.exit(reason === null ? 42 : 2);
}

main(POLICY);
