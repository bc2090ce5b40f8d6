// Checks of the machine: Node, platform, room on disk, clock.
import { diskSpaceAt } from "../../host/fs/disk-space.ts";
import { listRuns, readRun } from "../../ledger/runs.ts";
import { type CheckResult, error, info, ok, warning } from "./check-result.ts";
import { type DoctorContext, foldersOf } from "./context.ts";

const NODE_NEEDED = [20, 19] as const;
const MIN_FREE_BYTES = 64 * 1024 * 1024;
const MIN_FREE_FILES = 1000;
/** A clock may be this far behind a recorded run before it counts as wrong. */
const CLOCK_MS = 60_000;

export function nodeVersion({ machine: { node } }: Pick<DoctorContext, "machine">): CheckResult {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const enough = major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
  if (enough) return ok(`Node ${node}`);
  return error(`Node ${node} is too old`, `install Node ${NODE_NEEDED.join(".")} or newer`);
}

/** Processes are read from procfs, sockets lie where tmux puts them on Linux. */
export function platform({ machine, reader }: Pick<DoctorContext, "machine" | "reader">): CheckResult {
  if (machine.platform !== "linux")
    return error(`${machine.platform} is not supported`, "run it on Linux, or in WSL on Windows");
  const release = reader.files.read("/proc/sys/kernel/osrelease");
  const text = release.state === "file" ? release.bytes.toString().trim() : "";
  return ok(/microsoft/i.test(text) ? `WSL, kernel ${text}` : `Linux ${text}`);
}

export function disk(context: DoctorContext): CheckResult {
  const { root, agents, state } = foldersOf(context);
  const spaces = [...new Map([root, agents, state].map(diskSpaceAt).map((space) => [space.path, space])).values()];
  const closed = spaces.filter((space) => !space.writable).map((space) => space.path);
  if (closed.length > 0) {
    const remedy = "give your user write permission there, or run it as the user who owns the fleet";
    return error("a folder cannot be written to", remedy, closed);
  }
  const full = spaces.filter(
    ({ freeBytes, freeFiles }) => freeBytes < MIN_FREE_BYTES || (freeFiles !== null && freeFiles < MIN_FREE_FILES),
  );
  if (full.length > 0)
    return warning("the disk is nearly full", "make room: a run that cannot write stops half-way", [
      ...full.map(({ path, freeBytes }) => `${path}: ${megabytes(freeBytes)} free`),
    ]);
  return ok(`writable, ${megabytes(Math.min(...spaces.map((space) => space.freeBytes)))} free`);
}

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`;

/** No decision rests on the clock, but every time that is shown does. */
export function clock(context: DoctorContext): CheckResult {
  const { state } = foldersOf(context);
  const { files } = context.reader;
  const last = listRuns(files, state)
    .slice(0, 5)
    .flatMap((id) => readRun(files, state, id)?.ended ?? []);
  const newest = last.sort().at(-1);
  if (newest === undefined) return info("no run has been recorded to compare the clock with");
  const behind = Date.parse(newest) - context.reader.now();
  if (behind <= CLOCK_MS) return ok("not behind the last recorded run");
  const remedy = "set the clock; times in history and status, and back-off after crashes, go by it";
  return warning(`the clock is ${Math.round(behind / 60_000)} min behind the last run (${newest})`, remedy);
}
