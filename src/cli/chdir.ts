// `--chdir DIR`: the folder a command works from, which has to be there: a mistyped one is no new project.
import { basename, dirname, resolve } from "node:path";
import { createFileReader } from "../host/fs/files.ts";
import { UsageError } from "../model/errors.ts";
import { didYouMean } from "../model/nearest.ts";

/** The absolute path of the folder. Throws UsageError, naming the nearest folder beside it, when there is none. */
export function namedFolder(given: string, here: string): string {
  const path = resolve(here, given);
  const files = createFileReader({ roots: ["/"] });
  const real = files.real(path);
  if (real !== null && files.facts(real)?.type === "folder") return path;
  const beside = (files.list(dirname(path)) ?? []).filter((one) => one.type === "folder").map((one) => one.name);
  const why = real === null ? "there is no folder" : "not a folder:";
  throw new UsageError(`--chdir: ${why} ${given}`, didYouMean(basename(path), beside) ?? "name a folder that is there");
}
