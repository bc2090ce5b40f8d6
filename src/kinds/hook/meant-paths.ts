// The paths that a reader takes a closed glob to mean. Read from its text, apart from the compiler that they test.

/** A name that stands for whatever a wildcard matches. */
const SOME = "rollcall-probe";

/**
 * One path for a glob, two where it has sets: with their text as it stands and with their first member. A glob that is a
 * folder means a file in it. Relative to the project root.
 */
export function meantPaths(glob: string): readonly string[] {
  const plain = firstChoices(glob).replace(/^\.?\//, "");
  // Which backslash belongs to a set is for a compiler to say.
  if (plain.includes("\\") && /(?<!\\)\[/.test(plain)) return [];
  const spelled = filled(plain, (set) => set);
  const chosen = filled(plain, (set) => (/^\[[!^]/.test(set) ? "x" : String.fromCodePoint(set.codePointAt(1) ?? 0)));
  // A member can make a name `..`, and then no path is meant.
  return dots(chosen) === dots(spelled) ? [...new Set([spelled, chosen])] : [spelled];
}

function dots(path: string): number {
  return path.split("/").filter((name) => name === "." || name === "..").length;
}

/** `{a,b}` as `a`, the innermost braces first. Braces without a comma stay: they are set aside until the end. */
function firstChoices(glob: string): string {
  const made = glob.replace(/(?<!\\)\{((?:\\.|[^{}\\])*)\}/su, (_, body: string) => {
    const choice = /^(?:\\.|[^,\\])*(?=,)/su.exec(body)?.[0];
    return choice ?? `\u0001${body}\u0002`;
  });
  return made === glob ? glob.replaceAll("\u0001", "{").replaceAll("\u0002", "}") : firstChoices(made);
}

function filled(glob: string, chosen: (set: string) => string): string {
  const names = glob.split("/").map((name) => {
    if (/^\*{2,}$/.test(name) || name === "") return SOME;
    return name.replace(/\[\]?[^\]]+\]|\\(.)|\*+|\?/gsu, (sign, letter: string | undefined) => {
      if (sign.startsWith("[")) return chosen(sign);
      return letter ?? (sign === "?" ? "x" : SOME);
    });
  });
  return names.join("/");
}
