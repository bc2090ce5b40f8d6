// Archives, patches: commands that write names which stand inside a file.

import { type Value, value } from "../scope.ts";
import { type Call, has, optionValues, type Rule, type RuleContext, split } from "./rule.ts";

function under(folder: Value, member: Value): Value {
  return { ...member, alts: folder.alts.flatMap((to) => member.alts.map((name) => `${to}/${name}`)) };
}

const tar: Rule = ({ args, scope }, judge) => {
  const { options, operands } = split(args, /^(?:-[a-zA-Z]*[fCTX]|--file|--directory|--exclude)$/);
  const bare = args[0]?.alts.find((text) => /^[a-zA-Z]+$/.test(text)) ?? "";
  const letters = bare + options.filter((text) => /^-[a-zA-Z]+$/.test(text)).join("");
  const given = operands.slice(bare === "" ? 0 : /f/.test(bare) ? 2 : 1);
  const folder = optionValues(args, /^-C$/, /^--directory$/)[0] ?? value(".");
  for (const one of optionValues(args, /^-[IF]$/, /^--(?:to-command|use-compress-program|info-script)$/)) {
    judge.shell(one, { ...scope });
  }
  if (/x/.test(letters) || has(options, /^--(?:extract|get)$/)) {
    judge.touch(folder, scope);
    for (const one of given) judge.touch(under(folder, one), scope);
    return undefined;
  }
  if (/t/.test(letters) || has(options, /^--list$/)) return undefined;
  const archives = [
    ...(/f/.test(bare) ? operands.slice(1, 2) : []),
    ...optionValues(args, /^-[a-zA-Z]*f$/, /^--file$/),
  ];
  for (const one of archives) judge.touch(one, scope);
  if (has(options, /^--remove-files$/)) for (const one of given) judge.touch(one, scope, true);
  return undefined;
};

const unzip: Rule = ({ args, scope }, judge) => {
  const { options, operands } = split(args, /^-d$/);
  if (has(options, /^-[a-zA-Z]*[lptvZ]/)) return undefined;
  const folder = optionValues(args, /^-d$/)[0] ?? value(".");
  judge.touch(folder, scope);
  for (const one of operands.slice(1)) judge.touch(under(folder, one), scope);
  return undefined;
};

const seven: Rule = ({ args, scope }, judge) => {
  const [mode] = args;
  const { operands } = split(args);
  if (mode?.alts.some((text) => /^[xe]$/.test(text)) === true)
    for (const one of optionValues(args, /^-o$/)) judge.touch(one, scope);
  else if (mode?.alts.some((text) => /^[audm]/.test(text)) === true)
    for (const one of operands.slice(1, 2)) judge.touch(one, scope);
  return undefined;
};

const zip: Rule = ({ args, scope }, judge) => {
  const { options, operands } = split(args);
  const moved = has(options, /^-[a-zA-Z]*m|^--move/);
  for (const one of operands.slice(0, moved ? undefined : 1)) judge.touch(one, scope, moved);
  return undefined;
};

/** Refuses a patch (unified diff) that changes a forbidden file, with or without its first folders. */
export function judgePatch(text: string, { scope }: Pick<Call, "scope">, judge: RuleContext, folder = "."): void {
  const named = text.matchAll(
    /^(?:\+\+\+|---|diff --git|rename (?:from|to)|copy to|Index:|\*\*\*(?: \w+ File:)?)[ \t]+(.+)$/gm,
  );
  for (const [, line = ""] of named) {
    for (const name of line.replace(/\t.*/, "").split(" ")) {
      const segments = name.replaceAll('"', "").split("/");
      const alts = segments.slice(0, 3).map((_, at) => `${folder}/${segments.slice(at).join("/")}`);
      if (segments.at(-1) !== "null") judge.touch({ alts, taint: [] }, scope);
    }
  }
}

/** The patches a command reads: operands that are files, else what flows in. */
export function patchTexts(call: Call, judge: RuleContext, files: readonly Value[]): string[] {
  const paths = files.flatMap((one) =>
    one.alts.flatMap((alt) => call.scope.cwds.map((cwd) => (alt.startsWith("/") ? alt : `${cwd}/${alt}`))),
  );
  const texts = paths.map((path) => judge.paths.disk.read(path)).filter((text) => text !== null);
  if (call.input?.text != null) texts.push(call.input.text);
  else if (texts.length === 0 && call.input !== null) {
    const flows = call.input.taint.flatMap((name) =>
      call.scope.cwds.map((cwd) => judge.paths.disk.read(name.startsWith("/") ? name : `${cwd}/${name}`)),
    );
    texts.push(...flows.filter((text) => text !== null));
    if (texts.length === 0) judge.denyUnknown("what this patch changes", call.input.taint, call.scope);
  }
  return texts;
}

const patch: Rule = (call, judge) => {
  const { args, scope } = call;
  const { options, operands } = split(args, /^-[a-zA-Z]*[iodpFDBYz]$/);
  if (has(options, /^--dry-run$/)) return undefined;
  const folder = optionValues(args, /^-d$/, /^--directory$/)[0] ?? value(".");
  if (folder.alts[0] !== ".") judge.touch(folder, scope);
  for (const one of operands.slice(0, 1)) judge.touch(under(folder, one), scope);
  for (const one of optionValues(args, /^-o$/, /^--output$/)) judge.touch(one, scope);
  const given = [...optionValues(args, /^-i$/, /^--input$/), ...operands.slice(1)];
  for (const text of patchTexts(call, judge, given)) judgePatch(text, call, judge, folder.alts[0]);
  return undefined;
};

export const ARCHIVES: readonly (readonly [string, Rule])[] = [
  ["tar", tar],
  ["bsdtar", tar],
  ["gtar", tar],
  ["unzip", unzip],
  ["7z", seven],
  ["7za", seven],
  ["zip", zip],
  ["patch", patch],
];
