// A world in which hooks may be run but nothing be written: for `verify --probe` and `doctor`.
import { createExecWriter } from "../host/process/exec.ts";
import { readOnly } from "../host/read-only.ts";
import type { Reader, Writer } from "../model/world.ts";
import type { Caller } from "./caller.ts";
import type { Project } from "./project.ts";

export function proving({ reader, caller }: Project): Writer {
  return provingWorld(reader, caller);
}

/** Files through a door that refuses writes, programs through the real one. */
export function provingWorld(reader: Reader, { process }: Pick<Caller, "process">): Writer {
  return { ...readOnly(reader), exec: createExecWriter({ kill: process.kill }) };
}
