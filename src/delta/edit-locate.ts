// From a line of a JSON text (comments allowed) to the pointer of what stands there.
import { getLocation } from "jsonc-parser";

/** The tokens of the path to what begins first on a line (from 1); null for a line that is empty or not there. */
export function tokensAtLine(text: string, line: number): readonly (string | number)[] | null {
  const lines = text.split("\n");
  const wanted = lines[line - 1];
  const first = wanted?.search(/\S/) ?? -1;
  if (first < 0) return null;
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return getLocation(text, before + first + 1).path;
}
