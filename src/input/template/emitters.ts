// Where rendered output goes: a text within its budget, or the one value of an expression with its type kept.
import type { Json } from "../../model/json.ts";
import { LIMITS } from "./liquid.ts";

/** More output than one file may have. */
export class OutputLimitError extends Error {}

/** A value that has no form as text or as JSON. */
export class NoFormError extends Error {}

/** A list of several elements printed into a text: it would run together. */
export class ListInTextError extends Error {}

/** What all fragments of one file have written so far, in UTF-16 units (never more than its bytes). */
export class OutputBudget {
  #used = 0;

  spend(units: number): void {
    this.#used += units;
    if (this.#used > LIMITS.output) throw new OutputLimitError("the output is larger than 1 MiB");
  }
}

/** Collects text. `strict`: a list of several elements is refused, so that its place can be told. */
export class TextEmitter {
  buffer = "";
  readonly #budget: OutputBudget;
  readonly #strict: boolean;

  constructor(budget: OutputBudget, strict: boolean) {
    this.#budget = budget;
    this.#strict = strict;
  }

  write(value: unknown): void {
    const text = this.#text(value);
    this.#budget.spend(text.length);
    this.buffer += text;
  }

  #text(value: unknown): string {
    if (typeof value === "string") return value;
    if (value === null || value === undefined) return "";
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    if (!Array.isArray(value)) throw new NoFormError("an object has no form as text");
    if (this.#strict && value.length > 1) throw new ListInTextError("a list runs together when it is printed");
    return value.map((item) => this.#text(item)).join("");
  }
}

/** Takes the one value a single expression writes. */
export class ValueEmitter {
  readonly buffer = "";
  value: Json = null;
  readonly #budget: OutputBudget;

  constructor(budget: OutputBudget) {
    this.#budget = budget;
  }

  write(value: unknown): void {
    this.value = this.#json(value);
  }

  #json(value: unknown): Json {
    if (typeof value === "string") {
      this.#budget.spend(value.length);
      return value;
    }
    if (value === null || value === undefined) return null;
    if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
    if (Array.isArray(value)) {
      this.#budget.spend(value.length);
      return value.map((item) => this.#json(item));
    }
    if (typeof value === "object" && isPlain(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#json(item)]));
    }
    throw new NoFormError("the value has no form in JSON");
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
