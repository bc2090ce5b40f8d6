// "Did you mean": the known name nearest to a mistyped one.

/** The nearest of the known names, or undefined when none is near (a third of its letters may differ). */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  let best: string | undefined;
  let bestCost = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= bestCost) continue;
    const cost = distance(word.toLowerCase(), name.toLowerCase());
    if (cost < bestCost) {
      best = name;
      bestCost = cost;
    }
  }
  return best ?? sameBeginning(word, names);
}

/** The name that begins like the word: two thirds of its letters, three at least ("planer" for "planning-agent"). */
function sameBeginning(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let longest = Math.max(3, Math.ceil((lower.length * 2) / 3)) - 1;
  for (const name of known) {
    let length = 0;
    while (length < lower.length && name[length]?.toLowerCase() === lower[length]) length++;
    if (length > longest) {
      best = name;
      longest = length;
    }
  }
  return best;
}

/** A hint sentence, or undefined. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const name = nearest(word, known);
  return name === undefined ? undefined : `did you mean ${name}?`;
}

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let col = 1; col <= to.length; col++) {
      const same = from[row - 1] === to[col - 1];
      let cost = Math.min((last[col] ?? 0) + 1, (line[col - 1] ?? 0) + 1, (last[col - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && col > 1 && from[row - 1] === to[col - 2] && from[row - 2] === to[col - 1];
      if (swapped) cost = Math.min(cost, (before[col - 2] ?? 0) + 1);
      line.push(cost);
    }
    before = last;
    last = line;
  }
  return last[to.length] ?? 0;
}
