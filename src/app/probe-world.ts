// A world in which hooks may be run but nothing be written: for `verify --probe` and `doctor`.
import process from "node:process";
import { createExecWriter } from "../host/process/exec.ts";
import { readOnly } from "../host/read-only.ts";
import type { Reader, Writer } from "../model/world.ts";
import type { Project } from "./project.ts";

export function proving({ reader }: Project): Writer {
  return provingWorld(reader);
}

/** Files through a door that refuses writes, programs through the real one. */
export function provingWorld(reader: Reader): Writer {
  return { ...readOnly(reader), exec: createExecWriter({ kill: (pid, signal) => process.kill(pid, signal) }) };
}
