// The block between our marks in a file that is otherwise a person's.

const BEGIN = "<!-- rollcall:begin -->";
const END = "<!-- rollcall:end -->";

/** The bytes outside are handled one character a byte, so that not one of them can change. */
const RAW = "latin1";

export type BlockRead =
  | { readonly state: "none" }
  | { readonly state: "block"; readonly content: Buffer }
  /** A mark without its other half, or more than one block. */
  | { readonly state: "damaged"; readonly why: string };

/** A file that holds nothing but our block. */
export function blockFile(content: string): string {
  return `${BEGIN}\n${withLineEnd(content)}${END}\n`;
}

/** A block's content ends with its line. */
export function withLineEnd(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** What lies between the marks: from behind the line of the first to the line of the second. */
export function readBlock(bytes: Buffer): BlockRead {
  const text = bytes.toString(RAW);
  const marks = findMarks(text);
  if (marks.length === 0) return { state: "none" };
  const [first, second] = marks;
  if (marks.length > 2) return { state: "damaged", why: "there is more than one block, or a mark too many" };
  if (first?.kind !== "begin") return { state: "damaged", why: "the end mark has no begin mark before it" };
  if (second?.kind !== "end") return { state: "damaged", why: "the begin mark has no end mark behind it" };
  return { state: "block", content: Buffer.from(text.slice(first.after, second.start), RAW) };
}

/**
 * The file with our block in it: in place where there is one, at the end where there is none. Every other byte stays,
 * but for marks that belong to no block, whose lines are taken out, and doubles of the block.
 */
export function writeBlock(bytes: Buffer, content: string): Buffer {
  const block = Buffer.from(blockFile(content)).toString(RAW);
  const { text, at } = withoutBlocks(bytes.toString(RAW));
  if (at !== null) return Buffer.from(text.slice(0, at) + block + text.slice(at), RAW);
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  return Buffer.from(text + gap + block, RAW);
}

/** The file without our block; every byte outside it stays. */
export function removeBlock(bytes: Buffer): Buffer {
  return Buffer.from(withoutBlocks(bytes.toString(RAW)).text, RAW);
}

interface Mark {
  readonly kind: "begin" | "end";
  /** Offset of the mark's line. */
  readonly start: number;
  /** Offset behind its line break. */
  readonly after: number;
}

function findMarks(text: string): Mark[] {
  const marks: Mark[] = [];
  for (const match of text.matchAll(/^[ \t]*<!-- rollcall:(begin|end) -->[ \t]*\r?(?:\n|$)/gm)) {
    if (match[0] === "") continue;
    const kind = match[1] === "begin" ? "begin" : "end";
    marks.push({ kind, start: match.index, after: match.index + match[0].length });
  }
  return marks;
}

/** Takes out whole blocks with their content and lone marks without; `at` is where the first whole block was. */
function withoutBlocks(source: string): { text: string; at: number | null } {
  let text = "";
  let from = 0;
  let at: number | null = null;
  const marks = findMarks(source);
  for (let index = 0; index < marks.length; index++) {
    const mark = marks[index];
    if (!mark || mark.start < from) continue;
    text += source.slice(from, mark.start);
    const next = marks[index + 1];
    const whole = mark.kind === "begin" && next?.kind === "end";
    if (whole) at ??= text.length;
    from = whole ? next.after : mark.after;
  }
  return { text: text + source.slice(from), at };
}
