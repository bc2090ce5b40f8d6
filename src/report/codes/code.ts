// The shape of an entry in the catalogue of codes: what `rollcall explain CODE` prints.

interface CodeEntry {
  /** One line: what is wrong. */
  readonly title: string;
  /** Why it is so and what follows from it. */
  readonly meaning: string;
  /** What to do. */
  readonly remedy: string;
}

export type CodeTable = Readonly<Record<string, CodeEntry>>;
