// From a value of a rendered file back to its place in the template.
import type { Place } from "./diagnostic.ts";
import type { Fleet } from "./fleet.ts";

/**
 * The place in its template of a value of a rendered file (`template` as RenderedFile has it). What an expression made
 * has the place of the expression; a file that is not JSON has its first line.
 */
export function placeOfPointer(fleet: Fleet, template: string, pointer: string): Place {
  const places = fleet.places?.[template] ?? {};
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const place = places[at];
    if (place) return place;
    if (at === "") return { file: template, line: 1, col: 1 };
  }
}
