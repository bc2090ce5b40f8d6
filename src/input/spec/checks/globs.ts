// What is wrong or odd in the globs of the registry: what would close nothing is an error, what is read otherwise than it
// looks is a warning. Every finding has the place of its glob.
import { MOST_ALTERNATIVES, readGlob, tidyGlobs } from "../../../model/glob.ts";
import type { Token } from "../../../model/glob-names.ts";
import type { Findings } from "../findings.ts";
import { placed, type RegistryEntry } from "../registry.ts";
import { RULES } from "../schema/formats.ts";
import { show } from "../yaml/source-text.ts";

interface Remark {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const FIELDS = ["cannot_access", "exclusive_access"] as const;

/** Adds what is to be said about the globs of all entries. `root`: the project's folder, absolute. */
export function checkGlobs(entries: readonly RegistryEntry[], root: string, findings: Findings): void {
  const known = new Map<string, readonly Remark[]>();
  for (const entry of entries) {
    for (const field of FIELDS) {
      for (const [index, glob] of (entry.declared[field] ?? []).entries()) {
        const remarks = known.get(glob) ?? remarksOn(glob, root);
        known.set(glob, remarks);
        for (const { code, message, hint } of remarks) {
          findings.add(code, () => ({ ...placed(entry, [field, index]), message, hint }));
        }
      }
    }
  }
}

function remarksOn(glob: string, root: string): readonly Remark[] {
  // What is no line of visible text was reported when the shape was checked.
  if (!RULES.word.pattern.test(glob)) return [];
  const fault = faultOf(glob);
  if (fault !== null) return [fault];
  if (isProse(glob)) {
    const message = `${show(glob)} reads as prose and matches no path`;
    return [{ code: "W151", message, hint: 'write a glob, like "tests/**"' }];
  }
  return [tidied(glob), absolute(glob, root), foreignSyntax(glob), oddSet(glob)].filter((one) => one !== null);
}

/** Globs that mean nothing here, whatever is in the project. */
function faultOf(glob: string): Remark | null {
  const bare = glob.trim();
  const shown = show(glob);
  const variable = /^(?:~(?=\/|$)|\$\{?(?:HOME|PWD|USER|TMPDIR|XDG_[A-Z_]+|CLAUDE_PROJECT_DIR|USERPROFILE)\b\}?)/.exec(
    bare,
  );
  if (variable !== null) {
    return {
      code: "E141",
      message: `${shown}: globs are relative to the project root, and ${variable[0]} is not expanded`,
      hint: 'write a path of the project, like "config/**"; what is closed in the home folder is a rule of the client: "Edit(~/.ssh/**)" below permissions.deny of a template',
    };
  }
  if (bare.startsWith("!")) {
    const hint = `list only what is closed; a name that begins with "!" is written ${show(`\\${bare}`)}`;
    return { code: "E142", message: `${shown}: a "!" in front does not reopen what another glob closes`, hint };
  }
  if (/^(?:[A-Za-z]:[\\/]|\\\\)/.test(bare)) {
    const hint = 'write it relative to the project root, with "/" between folders: "src/**"';
    return { code: "E143", message: `${shown} is a path of Windows`, hint };
  }
  const quoted = /^(["'`])(.*)\1$/su.exec(bare);
  if (quoted !== null) {
    const hint = `write ${show(quoted[2] ?? "")} without them; YAML needs one pair of quotes at most`;
    return { code: "E144", message: `${shown}: the quotes are part of the glob, so it matches no path`, hint };
  }
  return unreadable(glob);
}

function unreadable(glob: string): Remark | null {
  const read = readGlob(glob);
  if (read.ok) return null;
  switch (read.fault) {
    case "empty":
      return {
        code: "E145",
        message: `${show(glob)}: an empty glob matches no path`,
        hint: 'take it out, or write "**" for the whole project',
      };
    case "up from a wildcard":
      return {
        code: "E145",
        message: `${show(glob)}: ".." behind a wildcard leads to no certain folder`,
        hint: 'write the path without "..", like "src/*/x"',
      };
    case "too long":
      return {
        code: "E146",
        message: `the glob ${show(glob)} has more than 4096 characters`,
        hint: "no path is that long; write several globs",
      };
    case "too many":
      return {
        code: "E146",
        message: `the glob ${show(glob)} stands for more than ${MOST_ALTERNATIVES} paths`,
        hint: "use * for one of its braces, or write several globs",
      };
  }
}

function tidied(glob: string): Remark | null {
  const read = readGlob(glob);
  if (!read.ok || !read.untidy) return null;
  const list = tidyGlobs(glob).map(show).slice(0, 8).join(", ");
  return { code: "W158", message: `${show(glob)} is read as ${list}`, hint: `write ${list}` };
}

/** Folders that a machine has at its root and hardly any project. */
const OF_THE_MACHINE = /^\/(etc|usr|var|home|root|proc|sys|dev|opt|mnt|Users)(?=\/|$)/;

/** A leading slash is the project root: whoever means the machine's closes nothing. */
function absolute(glob: string, root: string): Remark | null {
  const bare = glob.trim();
  if (bare.startsWith(`${root}/`)) {
    const hint = `write ${show(bare.slice(root.length + 1))}`;
    return { code: "W159", message: `${show(glob)} begins at the project root, not at the root of this machine`, hint };
  }
  const folder = OF_THE_MACHINE.exec(bare)?.[1];
  if (folder === undefined) return null;
  return {
    code: "W159",
    message: `${show(glob)} is the folder ${folder} of this project, not /${folder} of this machine`,
    hint: `write ${show(bare.slice(1))} if that is meant; a path outside of the project begins with ../`,
  };
}

const FOREIGN: readonly (readonly [RegExp, string, string])[] = [
  [/[?*+@!]\([^)]*\|/, "( ) | + @ ! are plain characters", "write {a,b} for one of several texts"],
  [/\|/, "| is a plain character", "write {a,b} for one of several texts"],
  [/\{[\w-]+\.\.[\w-]+\}/, "a range in braces is plain text", "write {1,2,3}, or a set like [1-3]"],
  [
    /\\[\p{L}\p{N}_*]/u,
    "a backslash separates no folders: it only makes the next character a plain one",
    'write "/" between folders',
  ],
  [/["`]/, "the quotes are part of the name", "take them out if no file is called so"],
  [
    /^(?:~[\w-]+|\$\{?[A-Z][A-Z0-9_]*\}?|%\w+%)(?:\/|$)/,
    "home folders and variables are not expanded",
    "write a path of the project",
  ],
];

/** Signs with a meaning elsewhere that are letters here. */
function foreignSyntax(glob: string): Remark | null {
  const found = FOREIGN.find(([pattern]) => pattern.test(glob.trim()));
  if (found !== undefined) return { code: "W160", message: `${show(glob)}: ${found[1]}`, hint: found[2] };
  if (!/[*/]\s*,\s*\S/.test(glob.replace(/\{[^{}]*\}/g, ""))) return null;
  return {
    code: "W160",
    message: `${show(glob)} is one glob with a comma in it`,
    hint: "write one glob per item of the list",
  };
}

function oddSet(glob: string): Remark | null {
  const read = readGlob(glob);
  if (!read.ok) return null;
  const tokens = read.paths
    .flatMap(({ segments }) => segments)
    .flatMap((one): readonly Token[] => (one === "**" ? [] : one));
  const odd = tokens.find((token) => token.is === "set" && token.ranges === "any");
  if (odd?.is !== "set") return null;
  const message = `${show(glob)}: a set cannot be negated, so ${show(odd.written)} closes every character`;
  return { code: "W161", message, hint: "list what is closed, like [a-z]" };
}

/** A sentence where a glob should be: several words, and either nothing of a path in it or mostly plain words. */
function isProse(glob: string): boolean {
  const words = glob.trim().split(/\s+/);
  if (words.length < 2) return false;
  if (!/[/*?[\]{}]/.test(glob)) return !/\.\w+$/.test(glob);
  const plain = words.filter((word) => /^[\p{L}(]['’\p{L}]*[,.;:)]?$/u.test(word)).length;
  return words.length > 2 && plain * 2 > words.length;
}
