// Work on a rendered file that is done once for all agents who have the same text.
import type { Fleet, RenderedFile } from "../../model/fleet.ts";

/**
 * A function of a file and its fleet that remembers its results as long as the fleet lives: thousands of agents have
 * the same few settings, and each plan goes over all of them. `make` may use everything of the file but its template.
 */
export function memoizeByText<T>(
  make: (file: RenderedFile, fleet: Fleet) => T,
): (file: RenderedFile, fleet: Fleet) => T {
  const known = new WeakMap<Fleet, Map<string, Map<string, T>>>();
  return (file, fleet) => {
    const forms = known.get(fleet) ?? new Map<string, Map<string, T>>();
    known.set(fleet, forms);
    const form = `${file.merge} ${file.mode} ${file.target}`;
    const texts = forms.get(form) ?? new Map<string, T>();
    forms.set(form, texts);
    const found = texts.get(file.text);
    if (found !== undefined) return found;
    const made = make(file, fleet);
    texts.set(file.text, made);
    return made;
  };
}
