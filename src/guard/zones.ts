// Closed places in the forms in which paths and patterns are held against them.
import { fromShape, normalize } from "./pattern.ts";
import type { ClosedPlace } from "./policy.ts";

export interface Form {
  /** The shape under the real root. */
  readonly pattern: string;
  /** The glob starts with a name, so that whole folders can be told to hold it. */
  readonly anchored: boolean;
  /** The name (or the piece of a name) that gives the place away in a word that is not wholly known. */
  readonly core: string;
  /** Paths inside that are open, under the real root. */
  readonly free: readonly string[];
}

export interface DeniedPath {
  readonly place: ClosedPlace;
  readonly re: RegExp;
  readonly forms: readonly Form[];
}

function makeForm(root: string, shape: string, but: readonly string[] = []): Form {
  const segments = shape.split("/");
  const anchored = !/[*?]/.test(segments[0] ?? "");
  const literal = segments.filter((segment) => !/[*?]/.test(segment) && segment !== "..").at(-1);
  const name = segments.filter((segment) => segment !== "**").at(-1) ?? "";
  const piece = name.split(/[*?]+/).sort((a, b) => b.length - a.length)[0] ?? "";
  const free = but.map((one) => normalize(`${root}/${one}`));
  return { pattern: normalize(`${root}/${fromShape(shape)}`), anchored, core: literal ?? piece, free };
}

/** Whether a path or pattern lies in what is open inside the place. */
export function isFree({ free }: Form, pattern: string): boolean {
  return free.some((one) => pattern === one || pattern.startsWith(`${one}/`));
}

export function makeDeniedPath(root: string, place: ClosedPlace): DeniedPath {
  const forms = place.shapes.map((shape) => makeForm(root, shape, place.but));
  return { place, re: new RegExp(place.re, "s"), forms };
}
