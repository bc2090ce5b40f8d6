// The shape of what explains a difference: the room behind it is loaded with the first one and travels with what was seen.
import type { Json, JsonObject } from "../../model/json.ts";
import type { Change, PatchOperation } from "../../model/plan.ts";
import type { Parts } from "../../model/resource.ts";
import type { MergeJob } from "./merge.ts";

export interface Explanation {
  readonly changes: Change[];
  readonly patch: string | PatchOperation[];
  /** For texts: how many lines differ; null when it is not known. */
  readonly lines: number | null;
  /** The document before and after, for a JSON file; null where there is none or the client drops it. */
  readonly documents: { readonly before: JsonObject | null; readonly after: JsonObject | null };
}

/** A change to a JSON file that is shared with others. */
export interface KeysChange {
  readonly job: MergeJob;
  /** The file as it was seen. */
  readonly bytes: Buffer;
  /** The values of the parts that change, by path. */
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** A change to a text, whole or between the marks. */
export interface TextChange {
  readonly name: string;
  /** The part path: `""` or `block`. */
  readonly path: string;
  readonly before: Buffer;
  /** What is to stand there. */
  readonly text: string;
}

/** The functions of explain.ts. */
export interface DiffTools {
  explainKeys(change: KeysChange): Explanation;
  explainText(change: TextChange): Explanation;
  /** The document in a JSON file; null where the client could not read one. */
  documentOf(bytes: Buffer): JsonObject | null;
  /** The values of parts as a map to compare. */
  shownValues(parts: Parts, paths: readonly string[]): Readonly<Record<string, Json>>;
}
