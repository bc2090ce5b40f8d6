// Files a person names on the command line: a saved plan to read or to write.
import { basename, dirname, resolve } from "node:path";
import type { Project } from "../app/project.ts";
import { createRecordFolder } from "../host/fs/durable-folder.ts";
import { HostError, RollcallError } from "../model/errors.ts";

const LIMIT = 256 * 1024 * 1024;

/** The text of a file named by a person, relative to the folder the command works from. */
export function readFile(project: Project, file: string): string {
  const path = resolve(project.caller.cwd, file);
  const found = project.reader.files.read(path, { limit: LIMIT });
  if (found.state === "file") return found.bytes.toString("utf8");
  const why = found.state === "absent" ? `there is no file ${file}` : found.message;
  throw new RollcallError("E310", why, { hint: "make a plan with: rollcall plan --out FILE" });
}

/** Writes a file named by a person, whole or not at all, readable by its owner only. Its folder has to be there. */
export function writeFile({ caller, reader }: Project, file: string, text: string): void {
  const path = resolve(caller.cwd, file);
  const folder = reader.files.real(dirname(path));
  if (folder === null) throw new HostError("E501", `cannot write ${file}: its folder is not there`, { path });
  createRecordFolder({ path: folder }).write(basename(path), text);
}
