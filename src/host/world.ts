// Assembles the doors: a Reader for what only looks, a Writer for a run.
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../model/json.ts";
import type { FileReader, Reader, Writer } from "../model/world.ts";
import {
  createFileReader,
  createFileWriter,
  type FileReaderOptions,
  type FileWriterOptions,
  type HostFileWriter,
} from "./fs/files.ts";
import { createExecReader, createExecWriter, type ExecReaderOptions, type ExecWriterOptions } from "./process/exec.ts";

export interface ReaderOptions extends FileReaderOptions, ExecReaderOptions {
  /** The caller's environment; entries without a value are left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now?: () => number;
}

export interface WriterOptions extends Omit<FileWriterOptions, "sleep">, ExecWriterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now?: () => number;
  readonly run: string;
  readonly note: (address: string, facts: JsonObject) => void;
}

export type { HostFileWriter };

export interface HostWriter extends Writer {
  readonly files: HostFileWriter;
}

export function createReader(options: ReaderOptions): Reader {
  const files: FileReader = createFileReader(options);
  return { files, exec: createExecReader(options), env: setVariables(options.env), now: options.now ?? Date.now };
}

/** Call `files.settle()` at the end of the run, before the records are committed. */
export function createWriter(options: WriterOptions): HostWriter {
  return {
    files: createFileWriter(options),
    exec: createExecWriter(options),
    env: setVariables(options.env),
    now: options.now ?? Date.now,
    run: options.run,
    note: options.note,
    sleep,
  };
}

function setVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
