// A Writer that cannot write: every change throws. For plan, verify, status and validate, and for the laws of kinds.
import type { ExecWriter, FileWriter, Reader, Writer } from "../model/world.ts";

/** Wraps a reader so that it has the shape of a writer; any write is a bug and throws a plain Error naming it. */
export function readOnly(world: Reader): Writer {
  const { files, exec, env } = world;
  return {
    env,
    now: () => world.now(),
    run: "none",
    note: (address) => refuse("note", address),
    sleep: () => Promise.resolve(),
    files: {
      read: files.read,
      compare: files.compare,
      facts: files.facts,
      folder: files.folder,
      list: files.list,
      link: files.link,
      real: files.real,
      find: files.find,
      forget: files.forget,
      ...NO_FILE_WRITES,
    },
    exec: { query: exec.query, ...NO_EXEC_WRITES },
  };
}

const NO_FILE_WRITES: Omit<FileWriter, keyof Reader["files"]> = {
  replace: (job) => refuse("replace", job.path),
  remove: (job) => refuse("remove", job.path),
  removeEmptyFolder: (path) => refuse("removeEmptyFolder", path),
  chmod: (path) => refuse("chmod", path),
  makeFolder: (path) => refuse("makeFolder", path),
  move: (from) => refuse("move", from),
  keepFolder: ({ path }) => refuse("keepFolder", path),
  removeFolder: (path) => refuse("removeFolder", path),
  settle: () => refuse("settle", ""),
};

const NO_EXEC_WRITES: Omit<ExecWriter, "query"> = {
  run: (command) => refuse("run", command[0] ?? ""),
  signal: (target) => refuse("signal", String(target.pid)),
};

function refuse(what: string, of: string): never {
  throw new Error(`a write where only reading is allowed: ${what} ${of}`);
}
