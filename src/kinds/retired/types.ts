// What the kind `retired` knows of one folder: what is wanted of it, and what was seen of it.
import type { Tree } from "./tree-digest.ts";

export interface RetiredProps {
  /** Directly below the agents folder. */
  readonly folder: string;
  readonly rule: "archive" | "delete";
  /** The folder below `agents/archive` it goes to. */
  readonly label: string;
  readonly replacedBy?: string;
}

/** A place that names a folder which is to leave. */
export interface Reference {
  readonly folder: string;
  /** Relative to the project root. */
  readonly file: string;
  readonly line: number;
  /** The words that name the folder, never the rest of the line: it may hold anything. */
  readonly words: string;
  /** In a text for people. Code and configuration would break when the folder goes. */
  readonly prose: boolean;
}

export type RetiredSeen =
  /** It is not in the agents folder: what was wanted, or it never was there. */
  | { readonly state: "away" }
  /** It stands in the archive, and the index does not say so. */
  | { readonly state: "unlisted" }
  | {
      readonly state: "present";
      readonly props: RetiredProps;
      readonly tree: Tree;
      /** The records lie on the same device: what is deleted can be kept whole. */
      readonly movable: boolean;
      /** Things in it that the commit to be tagged does not hold; undefined where no tag is wanted. */
      readonly uncommitted?: number;
      readonly references: readonly Reference[];
      /** What the search for references left out, if it did. */
      readonly note?: string;
    }
  /** Something is there that may not be touched as it is. */
  | { readonly state: "strange" };
