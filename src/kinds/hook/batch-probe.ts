// Many hooks proven in one process: each file's own program is run there with the canned calls, as /bin/sh would hand it on.
import type { ExecResult } from "../../model/world.ts";
import { PROGRAM_END, PROGRAM_HEAD } from "./render.ts";

/** One hook to be rehearsed; `digest` is that of the rendered bytes (delta/digest.ts): nothing else is run. */
export interface BatchProbe {
  readonly path: string;
  readonly digest: string;
  readonly calls: readonly string[];
}

/**
 * Runs under `node -e`. Reads [{path, digest, calls}] on stdin, prints for each the ends of its calls (42: allowed,
 * 2: refused, null: it did not end). The file's program sees a process and a stdin of its own.
 */
export const PROBE_SCRIPT = `
const fs = require("node:fs");
const { createHash } = require("node:crypto");
const HEAD = ${JSON.stringify(PROGRAM_HEAD)};
const END = ${JSON.stringify(PROGRAM_END)};
const end = Symbol("end");
function run(path, text, call) {
  const input = Buffer.from(call);
  let at = 0;
  const calls = { ...fs, writeSync: () => 0, readSync: (fd, buffer, ...rest) => {
    if (fd !== 0) return fs.readSync(fd, buffer, ...rest);
    const count = input.copy(buffer, 0, at);
    at += count;
    return count;
  } };
  const mine = { argv: [process.argv[0], path], env: {}, on: () => {}, exit: (code) => { throw { end, code }; } };
  const door = (name) => (name === "node:fs" ? calls : name === "node:process" ? mine : require(name));
  try {
    new Function("require", "process", text)(door, mine);
  } catch (error) {
    if (error && error.end === end) return error.code;
  }
  return null;
}
const results = JSON.parse(fs.readFileSync(0, "utf8")).map(({ path, digest, calls }) => {
  try {
    const bytes = fs.readFileSync(path);
    if (createHash("sha256").update(bytes).digest("hex").slice(0, digest.length) !== digest) return null;
    const text = bytes.toString("utf8");
    const from = text.indexOf(HEAD);
    const program = text.slice(from + HEAD.length, text.lastIndexOf(END));
    return calls.map((call) => run(path, program, call));
  } catch {
    return null;
  }
});
process.stdout.write(JSON.stringify(results));
`;

/** The ends of the calls, hook by hook; null where the process itself failed. */
export function probeResult(result: ExecResult): readonly (readonly (number | null)[] | null)[] | null {
  if (result.code !== 0) return null;
  try {
    const value: unknown = JSON.parse(result.stdout);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
