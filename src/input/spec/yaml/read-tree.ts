// The parsed tree as plain data with positions; what may not be in a spec (reserved or double keys, aliases) is told and left out.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import { escapeToken, RESERVED_KEYS } from "../../../model/json.ts";
import type { Findings } from "../findings.ts";
import { addFindingAt, controlIn, lineOf, placeIn, type SourceText, show } from "./source-text.ts";

/** Where one value lies, and where its children do. */
interface NodePosition {
  readonly at: number;
  readonly key?: number;
  readonly inside?: ReadonlyMap<string, NodePosition>;
}

export interface Build {
  readonly source: SourceText;
  readonly findings: Findings;
  /** JSON pointers of what was refused: the schema has nothing to add there. */
  readonly spoiled: Set<string>;
}

export interface Converted {
  readonly value: unknown;
  readonly position: NodePosition;
}

/** A tree node as plain data; at most 64 levels deep, which the cut has made sure of. */
export function convert(node: Node | null, pointer: string, key: number | undefined, build: Build): Converted {
  const range = node?.range;
  const empty = range === undefined || range === null || range[0] === range[1];
  const at = empty && key !== undefined ? key : (range?.[0] ?? 0);
  const here = key === undefined ? { at } : { at, key };
  if (isAlias(node)) {
    build.spoiled.add(pointer);
    return { value: null, position: here };
  }
  if (isMap(node)) return convertMap(node.items as Pair<Node, Node | null>[], pointer, here, build);
  if (isSeq(node)) return convertList(node.items as Node[], pointer, here, build);
  const value = isScalar(node) ? node.value : null;
  if (typeof value === "string") checkEscaped(value, at, pointer, build);
  return { value, position: here };
}

function convertList(items: readonly Node[], pointer: string, here: NodePosition, build: Build): Converted {
  const inside = new Map<string, NodePosition>();
  const value = items.map((item, index) => {
    const converted = convert(item, `${pointer}/${index}`, undefined, build);
    inside.set(String(index), converted.position);
    return converted.value;
  });
  return { value, position: { ...here, inside } };
}

function convertMap(
  pairs: readonly Pair<Node, Node | null>[],
  pointer: string,
  here: NodePosition,
  build: Build,
): Converted {
  const inside = new Map<string, NodePosition>();
  const value: Record<string, unknown> = {};
  for (const pair of pairs) {
    const at = pair.key.range?.[0] ?? here.at;
    const name = isScalar(pair.key) ? String(pair.key.value ?? "") : null;
    if (name === null || !usableKey(name, at, inside, pointer, build)) continue;
    const below = `${pointer}/${escapeToken(name)}`;
    const converted = convert(pair.value, below, at, build);
    inside.set(name, converted.position);
    value[name] = converted.value;
  }
  return { value, position: { ...here, inside } };
}

function usableKey(
  name: string,
  at: number,
  siblings: ReadonlyMap<string, NodePosition>,
  pointer: string,
  build: Build,
): boolean {
  const { source, findings } = build;
  if (name === "<<") {
    addFindingAt(
      source,
      findings,
      "E112",
      at,
      "merge key <<",
      "write it out; what all agents share lives in fleet.yaml",
    );
    return false;
  }
  if (RESERVED_KEYS.has(name)) {
    addFindingAt(
      source,
      findings,
      "E115",
      at,
      `the key ${show(name)} is not allowed`,
      "it names a part of every object: choose another",
    );
    return false;
  }
  const first = siblings.get(name)?.key;
  if (first !== undefined) {
    const where = placeIn(source, first);
    findings.add("E111", () => {
      const place = placeIn(source, at);
      return {
        place,
        message: `the key ${show(name)} stands twice: first at line ${where.line}, column ${where.col}`,
        hint: "keep one of them",
        sourceLine: lineOf(source, place.line),
        related: [{ ...where, message: "first here" }],
      };
    });
    return false;
  }
  checkEscaped(name, at, `${pointer}/${escapeToken(name)}`, build);
  return true;
}

/** A control character that came in by an escape in a quoted text; raw ones were told with their own position. */
function checkEscaped(value: string, at: number, pointer: string, build: Build): void {
  const control = controlIn(value);
  const surrogate = control === null && /\p{Cs}/u.test(value);
  if (control === null && !surrogate) return;
  build.spoiled.add(pointer);
  if (control !== null && build.source.text.includes(value.charAt(control.at))) return;
  const message =
    control === null ? "half a surrogate pair, which is no character" : `control character ${control.name}`;
  addFindingAt(build.source, build.findings, "E116", at, message, "take it out");
}
