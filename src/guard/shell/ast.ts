// The shape of a shell script after parsing: as much of it as decides which words a command is given.

export type WordPart =
  /** Text as it stands; `bare` text is still open to wildcards, braces and the tilde. */
  | { readonly k: "text"; readonly text: string; readonly bare: boolean }
  /** `$name`, `${name…}`; `rest` is the word behind an operator in the braces. */
  | {
      readonly k: "var";
      readonly name: string;
      readonly op: string;
      readonly rest: Word;
      readonly quoted: boolean;
      readonly index?: Word;
    }
  /** `$(…)`, backticks. */
  | { readonly k: "run"; readonly list: List; readonly quoted: boolean }
  /** `<(…)`, `>(…)`. */
  | { readonly k: "stream"; readonly list: List }
  /** `@(…)` and the like: any text; what runs inside it. */
  | { readonly k: "glob"; readonly inner: Word }
  /** `$((…))`, `((…))`: a number; what is evaluated. */
  | { readonly k: "sum"; readonly inner: Word };

export type Word = readonly WordPart[];

export interface Redirect {
  readonly op: string;
  readonly target: Word;
  /** The text of a here-document, filled in when its lines have been read. */
  body?: Word;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
  readonly index?: Word;
}

export type Node =
  | {
      readonly k: "simple";
      readonly sets: readonly Assignment[];
      readonly words: readonly Word[];
      readonly redirects: readonly Redirect[];
    }
  | { readonly k: "pipe"; readonly steps: readonly Node[] }
  | {
      readonly k: "group";
      readonly subshell: boolean;
      /** Runs more than once, perhaps. */
      readonly loop: boolean;
      /** The variable of a `for` and the words it takes; null: the positional ones. */
      readonly each?: { readonly name: string; readonly words: readonly Word[] | null };
      /** A definition: the body runs where the name is called. */
      readonly define?: string;
      readonly body: List;
      readonly redirects: readonly Redirect[];
    };

export interface CommandNode {
  readonly node: Node;
  /** What stands behind it: `;`, `&`, `&&`, `||`. */
  readonly op: string;
}

export type List = readonly CommandNode[];

/** The text cannot be taken apart as a shell would. */
export class Unparsable extends Error {}
