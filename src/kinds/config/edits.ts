// The decisions inside a write: given what lies there now, the bytes to put in its place, or that it moved. Pure.

import { removeBlock, writeBlock } from "../../delta/block.ts";
import { digestBytes } from "../../delta/digest.ts";
import { readJson } from "../../delta/edit-read.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { PutJob, RemoveJob } from "../../model/kind.ts";
import type { Edit, EditResult } from "../../model/world.ts";
import { type Content, mergeOf, readContent } from "./content.ts";
import { editableText, mergeKeys } from "./merge.ts";
import { BLOCK, MODE, ownedParts, sameJson } from "./parts.ts";
import { type ConfigProps, type ConfigSeen, readLimit } from "./types.ts";

type ConfigPut = PutJob<ConfigProps, ConfigSeen>;
type ConfigRemove = RemoveJob<ConfigSeen>;
type Current = Parameters<Edit>[0];

/**
 * The edit that brings the planned parts to what is desired. Each part to be written or dropped must still be as the
 * plan saw it (or be right already); whatever foreign content has come in the meantime is merged into.
 */
export function putEdit(job: ConfigPut, fleet: Fleet): Edit {
  const { want, record, write, drop } = job;
  const { props } = want;
  return (current) => {
    const bytes = Buffer.from(props.text);
    const known = withoutContent(current, job, bytes);
    if (known || current === null) return known ?? { do: "keep" };
    const content = readContent({
      bytes: current.bytes,
      mode: current.facts.mode,
      paths: [...write, ...drop],
      want: props,
      record,
      hookPath: fleet.hook.path,
    });
    if (content.unreadable) return rewritten(job, content, bytes);
    const changed = changedSince(job, content);
    if (changed !== undefined) return moved(`${changed === "" ? "the content" : changed} was changed`);
    return replaced(current, merged(job, fleet, current.bytes));
  };
}

/** What can be decided without taking the content apart; null when it has to be. */
function withoutContent(current: Current, { want, have }: ConfigPut, bytes: Buffer): EditResult | null {
  if (current === null) return have?.exists ? moved("the file is gone") : { do: "write", bytes };
  if (current.bytes.equals(bytes)) return { do: "keep" };
  if (!have?.exists) return moved("a file has appeared");
  return have.seen.unreadable && have.seen.bytes === undefined ? tooLarge(current.bytes, want.props, bytes) : null;
}

/** The first part to be touched that is neither as the plan saw it nor right already. */
function changedSince({ want, have, write, drop }: ConfigPut, content: Content): string | undefined {
  return [...write, ...drop].find((path) => {
    const digest = content.parts[path]?.digest;
    return path !== MODE && digest !== have?.parts[path]?.digest && digest !== want.parts[path]?.digest;
  });
}

/** A file that was too large to be looked at is replaced whole, while it still is. */
function tooLarge(current: Buffer, { merge }: ConfigProps, bytes: Buffer): EditResult {
  return current.length > readLimit(merge) ? { do: "write", bytes } : moved("the content was changed");
}

/**
 * What cannot be read is replaced whole where the plan saw it so, or where it breaks off as under a writer's hands: that
 * is waited out first. Anything else unreadable was written by somebody since, and stays.
 */
function rewritten({ have }: ConfigPut, { read }: Content, bytes: Buffer): EditResult {
  const torn = read?.state === "unreadable" && read.torn;
  return have?.seen.unreadable || torn ? { do: "write", bytes, torn: true } : moved("it can no longer be read");
}

function merged({ want, record, write, drop }: ConfigPut, fleet: Fleet, bytes: Buffer): Buffer {
  const { props } = want;
  switch (props.merge) {
    case "whole":
      return write.includes("") ? Buffer.from(props.text) : bytes;
    case "block":
      return write.includes(BLOCK) ? writeBlock(bytes, props.block ?? "") : bytes;
    case "keys": {
      const keys = { write: write.filter((path) => path !== MODE), drop };
      if (keys.write.length === 0 && drop.length === 0) return bytes;
      const text = editableText(readJson(bytes));
      if (text === null) return Buffer.from(props.text);
      return Buffer.from(mergeKeys(text, { json: props.json, record, hookPath: fleet.hook.path, ...keys }));
    }
  }
}

function replaced(current: NonNullable<Current>, bytes: Buffer): EditResult {
  return current.bytes.equals(bytes) ? { do: "keep" } : { do: "write", bytes };
}

function moved(reason: string): EditResult {
  return { do: "moved", reason: `${reason} since it was planned` };
}

/**
 * Makes the change between two states of a file once more in a third: a late writer's keys in what another has written
 * since. Of a first state that was torn nothing is known, so that everything in the second is the writer's change. What
 * the third has otherwise than the first is newer and stays, but for the paths that are ours: of those the edit decides.
 * Null where a state cannot be read.
 */
export function carryKeys(
  change: { readonly from: Buffer; readonly to: Buffer; readonly onto: Buffer },
  ownPaths: ReadonlySet<string>,
): Buffer | null {
  const [from, to, onto] = [change.from, change.to, change.onto].map(readJson);
  if (!from || !to || !onto || to.state === "unreadable" || onto.state === "unreadable") return null;
  const text = editableText(onto);
  if (text === null) return null;
  const known = from.state === "unreadable" ? [] : ownedParts(from.value);
  const before = new Map(known.map(({ path, value }) => [path, value]));
  const after = new Map(ownedParts(to.value).map(({ path, value }) => [path, value]));
  const present = new Map(ownedParts(onto.value).map(({ path, value }) => [path, value]));
  const isNewer = (path: string): boolean => !ownPaths.has(path) && !sameJson(present.get(path), before.get(path));
  return Buffer.from(
    mergeKeys(text, {
      json: to.value,
      record: undefined,
      hookPath: "",
      write: [...after]
        .filter(([path, value]) => !sameJson(value, before.get(path)) && !isNewer(path))
        .map(([path]) => path),
      drop: [...before.keys()].filter((path) => !after.has(path) && !isNewer(path)),
    }),
  );
}

/** What remains of a file without what is ours; null: nothing, so the file goes as well. */
export function remainder(job: ConfigRemove, fleet: Fleet, bytes: Buffer): Buffer | null {
  const { record, have } = job;
  switch (mergeOf({ want: undefined, record })) {
    case "whole":
      return null;
    case "block": {
      const rest = removeBlock(bytes);
      return rest.toString().trim() === "" ? null : rest;
    }
    case "keys": {
      const text = editableText(readJson(bytes));
      if (text === null) return null;
      const drop = Object.keys(have.parts).filter((path) => path.startsWith("/"));
      const rest = mergeKeys(text, { json: undefined, record, hookPath: fleet.hook.path, write: [], drop });
      const left = readJson(Buffer.from(rest));
      return left.state === "json" && ownedParts(left.value).length === 0 ? null : Buffer.from(rest);
    }
  }
}

/** The edit of a removal: `write` with what remains (door `replace`), or with nothing (door `remove`). */
export function removeEdit(job: ConfigRemove, fleet: Fleet, whole: boolean): Edit {
  const { have, record } = job;
  return (current) => {
    if (current === null) return { do: "keep" };
    const content: Content = readContent({
      bytes: current.bytes,
      mode: current.facts.mode,
      paths: Object.keys(have.parts),
      want: undefined,
      record,
      hookPath: fleet.hook.path,
    });
    const changed = Object.keys(have.parts).find(
      (path) => path !== MODE && content.parts[path]?.digest !== have.parts[path]?.digest,
    );
    if (changed !== undefined) return moved(`${changed === "" ? "the content" : changed} was changed`);
    if (content.unreadable && digestBytes(current.bytes) !== digestBytes(have.seen.bytes ?? Buffer.alloc(0))) {
      return moved("the content was changed");
    }
    const rest = remainder(job, fleet, current.bytes);
    if (whole) return rest === null ? { do: "write", bytes: Buffer.alloc(0) } : moved("somebody else uses the file");
    return rest === null ? moved("the other entries are gone") : replaced(current, rest);
  };
}
