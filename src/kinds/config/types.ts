// What the kind knows of one file: as desired, and as seen.

import type { Fleet, Merge } from "../../model/fleet.ts";
import type { JsonObject } from "../../model/json.ts";
import type { DiffTools } from "./diff-tools.ts";

/** A file as it is desired. Plain data: it is cached as JSON. */
export interface ConfigProps {
  readonly target: string;
  readonly merge: Merge;
  /** Permission bits. */
  readonly mode: number;
  /** The whole file as we would write it into an empty folder; for `block` with the marks. */
  readonly text: string;
  /** For `block`: what stands between the marks. */
  readonly block?: string;
  /** For `keys`: the rendered document. */
  readonly json?: JsonObject;
  /** Observed.digest of a file that is exactly this one. */
  readonly seal: string;
}

/** A file as it was seen. Lives for one run only. */
export interface ConfigSeen {
  /** Permission bits; null where there is no file. */
  readonly mode: number | null;
  /** What was read; absent when the file is byte by byte the desired one, or too large to read. */
  readonly bytes?: Buffer;
  /** Why the content is not what such a file should hold: "the file is empty", "not JSON at 3:5". */
  readonly defect?: string;
  /** No part of the content can be told apart, so that it can only be replaced as a whole. */
  readonly unreadable?: true;
  /** Loaded with the first difference: what explains it. */
  readonly tools?: DiffTools;
}

export const SETTINGS = ".claude/settings.json";
export const LOCAL_SETTINGS = ".claude/settings.local.json";

/** True for the files that the client reads as settings. */
export function isClientSettings(target: string): boolean {
  return target === SETTINGS || target === LOCAL_SETTINGS;
}

/** The absolute path of a place below the agents folder. */
export function pathOf(at: string, fleet: Fleet): string {
  return `${fleet.machine.folders.agents}/${at}`;
}

/** The path as people see it: relative to the project root where it lies in it. */
export function shownPath(at: string, fleet: Fleet): string {
  const { root } = fleet.machine.folders;
  const path = pathOf(at, fleet);
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

/**
 * What counts of permission bits: the owner's exec bit and whether everybody may write. The rest depends on the umask a
 * clone was made with.
 */
export function modeWord(mode: number): string {
  return `${(mode & 0o100) === 0 ? "plain" : "executable"}${(mode & 0o002) === 0 ? "" : ", writable by everybody"}`;
}

export function octal(mode: number): string {
  return `0${mode.toString(8).padStart(3, "0")}`;
}

const MIB = 1024 * 1024;

/**
 * Bytes of a file that are looked at. What is taken apart key by key has to stay small enough for that: settings are a
 * few KiB, and an agent could write others to keep us busy.
 */
export function readLimit(merge: Merge | undefined): number {
  return merge === "keys" ? MIB : 16 * MIB;
}
