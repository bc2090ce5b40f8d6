// The first file Node reads: fetches the program together with the machine code V8 made of it at build time, and runs it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";

/** Which command this file is, and the name of the program's file without its ending. Set by the build. */
declare const ROLLCALL_COMMAND: "rollcall" | "claudeAgent";
declare const ROLLCALL_CORE: string;

type Core = typeof import("./core.ts");
type Wrapped = (exports: object, load: NodeJS.Require, module: object, file: string, folder: string) => void;

/**
 * The program and its script. The compiled code is a copy of what V8 would make again: Node of another version, or with
 * other flags, refuses it by itself and compiles. Its name carries the digest of the program it belongs to, because V8
 * compares no more than lengths.
 */
export function openCore(): { readonly core: Core; readonly script: Script } {
  const filename = join(__dirname, `${ROLLCALL_CORE}.cjs`);
  const compiled = join(__dirname, `${ROLLCALL_CORE}.cache`);
  // The program is one function in plain ASCII (the build sees to both): nothing to decode, nothing to copy.
  const script = new Script(readFileSync(filename, "latin1"), {
    filename,
    ...(existsSync(compiled) ? { cachedData: readFileSync(compiled) } : {}),
  });
  const module = { exports: {} };
  const run = script.runInThisContext() as Wrapped;
  run(module.exports, require, module, filename, __dirname);
  return { core: module.exports as Core, script };
}

if (require.main === module) void openCore().core[ROLLCALL_COMMAND]();
