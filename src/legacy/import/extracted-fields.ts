// What one folder tells of its agent, field by field; a field is missing where nothing tells it.

/** The fields of a registry entry that files can tell. */
export interface Evidence {
  readonly name?: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly model?: string;
  readonly tools?: readonly string[];
  readonly delegatesTo?: readonly string[];
  readonly cannotAccess?: readonly string[];
  readonly exclusiveAccess?: readonly string[];
  readonly responsibilities?: readonly string[];
  readonly forbidden?: readonly string[];
  /** Globs that belong to others alone, by owner. */
  readonly ownedElsewhere?: readonly { readonly owner: string; readonly globs: readonly string[] }[];
  readonly protect?: true;
}

/** The first evidence that knows a field decides it. */
export function firstOf(sources: readonly Evidence[]): Evidence {
  let known: Evidence = {};
  for (const source of [...sources].reverse()) known = { ...known, ...source };
  return known;
}

/** One line of visible text; undefined when nothing is left. */
export function oneLine(text: string | undefined): string | undefined {
  const line = text
    ?.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line === undefined || line === "" ? undefined : line;
}

/** Words of a list, cleaned, each once; `(none)` and its like are no element. */
export function wordsOf(list: readonly string[]): string[] {
  const words = list
    .flatMap((word) => oneLine(word) ?? [])
    .filter((word) => !/^\(?(none|nobody|nothing)\)?\.?$/i.test(word));
  return [...new Set(words)];
}
