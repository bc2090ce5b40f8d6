// Braces of globs spelled out: `src/{a,b}/**` stands for `src/a/**` and `src/b/**`. Without a comma braces are letters.

/** A text, or a choice between several sequences. */
type BracePart = string | readonly Sequence[];
type Sequence = readonly BracePart[];

interface Open {
  readonly choices: BracePart[][];
  parts: BracePart[];
}

/** Every text that the braces stand for, in order, without doubles; null when there are more than `most`. */
export function expandBraces(text: string, most: number): readonly string[] | null {
  const sequence = parse(text);
  return count(sequence) > most ? null : [...new Set(spell(sequence))];
}

function parse(text: string): Sequence {
  const open: Open[] = [];
  let here: BracePart[] = [];
  const leave = (closed: boolean): void => {
    const group = open.pop();
    if (group === undefined) return;
    const choices = [...group.choices, here];
    const outer = group.parts;
    if (closed && choices.length > 1) outer.push(choices);
    else outer.push("{", ...choices.flatMap((choice, index) => (index === 0 ? choice : [",", ...choice])));
    if (closed && choices.length === 1) outer.push("}");
    here = outer;
  };
  for (const [piece] of text.matchAll(/\\.|[{},]|[^\\{},]+|\\/gsu)) {
    const group = open.at(-1);
    if (piece === "{") {
      open.push({ choices: [], parts: here });
      here = [];
    } else if (piece === "}" && group !== undefined) leave(true);
    else if (piece === "," && group !== undefined) {
      group.choices.push(here);
      here = [];
    } else here.push(piece);
  }
  while (open.length > 0) leave(false);
  return here;
}

function count(sequence: Sequence): number {
  return sequence.reduce((product, part) => product * (typeof part === "string" ? 1 : sum(part)), 1);
}

function sum(choices: readonly Sequence[]): number {
  return choices.reduce((total, choice) => total + count(choice), 0);
}

function spell(sequence: Sequence): readonly string[] {
  return sequence.reduce<readonly string[]>(
    (heads, part) => {
      const tails = typeof part === "string" ? [part] : part.flatMap(spell);
      return heads.flatMap((head) => tails.map((tail) => head + tail));
    },
    [""],
  );
}
