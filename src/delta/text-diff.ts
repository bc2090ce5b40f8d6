// Differences of texts, line by line. Loads the diff library: import this room lazily.
import { formatPatch, structuredPatch } from "diff";

export interface TextDifference {
  /** A unified diff, or one sentence where the texts have too little in common to compare them in time. */
  readonly unified: string;
  /** How many lines differ; null when it took too long to find out. */
  readonly lines: number | null;
}

/** Milliseconds and edits after which two texts count as unrelated: the library would look for minutes otherwise. */
const TIMEOUT_MS = 500;
const MAX_EDITS = 5_000;

/** The unified diff from `before` to `after`. `name` is the file's path as it is shown; null stands for no file. */
export function textDifference(options: {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}): TextDifference {
  const { name, before, after } = options;
  const oldName = before === null ? "/dev/null" : `a/${name}`;
  const newName = after === null ? "/dev/null" : `b/${name}`;
  const patch = structuredPatch(oldName, newName, before ?? "", after ?? "", undefined, undefined, {
    context: 3,
    timeout: TIMEOUT_MS,
    maxEditLength: MAX_EDITS,
  });
  if (!patch) {
    const counts = `${lineCount(before)} lines become ${lineCount(after)}`;
    return { unified: `--- ${oldName}\n+++ ${newName}\n(too different to compare: ${counts})\n`, lines: null };
  }
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const gone = lines.filter((line) => line.startsWith("-")).length;
  const come = lines.filter((line) => line.startsWith("+")).length;
  return { unified: formatPatch(patch).replace(/^Index: .*\n=+\n|^=+\n/, ""), lines: Math.max(gone, come) };
}

function lineCount(text: string | null): number {
  return text === null || text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
