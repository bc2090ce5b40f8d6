// How many tags a text has and how deep they stand inside of each other: asked before LiquidJS, which takes time that
// grows with the square of the one, and fills its stack with the other.

const DEEPEST = 64;
const MOST = 10_000;
const BLOCKS = "if|unless|case|for|tablerow|capture|comment|raw|block";
const PIECE = new RegExp(`\\{\\{|\\{%-?\\s*(?:(end)?(${BLOCKS})\\b)?`, "g");

/** A text that LiquidJS never sees. */
export class ShapeError extends Error {
  readonly input: string;
  /** Offset of the first piece that is one too many, or too deep. */
  readonly begin: number;
  readonly hint: string;

  constructor(message: string, { input, begin, hint }: Pick<ShapeError, "input" | "begin" | "hint">) {
    super(message);
    this.input = input;
    this.begin = begin;
    this.hint = hint;
  }
}

/** Throws a ShapeError when a text has more tags and expressions than it may have, or deeper ones. */
export function checkShape(input: string): void {
  let depth = 0;
  let count = 0;
  for (const { 1: isEnd, 2: block, index: begin } of input.matchAll(PIECE)) {
    if (block !== undefined) depth = isEnd === undefined ? depth + 1 : Math.max(0, depth - 1);
    if (depth > DEEPEST) {
      const hint = "move what is inside into a partial of its own, or take some of it out";
      throw new ShapeError(`tags nested deeper than ${DEEPEST}`, { input, begin, hint });
    }
    if (++count > MOST) {
      const hint = "let a loop write what repeats, or make several templates of it";
      throw new ShapeError("more than 10,000 tags and expressions in one text", { input, begin, hint });
    }
  }
}
