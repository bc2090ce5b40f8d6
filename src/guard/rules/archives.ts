// Archives, patches: commands that write names which stand inside a file.

import { type Value, value } from "../scope.ts";
import { type Call, has, optionValues, type Rule, type RuleContext, split } from "./rule.ts";

function under(folder: Value, member: Value): Value {
  return { ...member, alts: folder.alts.flatMap((to) => member.alts.map((name) => `${to}/${name}`)) };
}

const tar: Rule = ({ args, scope }, context) => {
  const { options, operands } = split(args, /^(?:-[a-zA-Z]*[fCTX]|--file|--directory|--exclude)$/);
  const bare = args[0]?.alts.find((text) => /^[a-zA-Z]+$/.test(text)) ?? "";
  const letters = bare + options.filter((text) => /^-[a-zA-Z]+$/.test(text)).join("");
  const given = operands.slice(bare === "" ? 0 : /f/.test(bare) ? 2 : 1);
  const folder = optionValues(args, /^-C$/, /^--directory$/)[0] ?? value(".");
  for (const one of optionValues(args, /^-[IF]$/, /^--(?:to-command|use-compress-program|info-script)$/)) {
    context.shell(one, { ...scope });
  }
  if (/x/.test(letters) || has(options, /^--(?:extract|get)$/)) {
    context.touch(folder, scope);
    for (const one of given) context.touch(under(folder, one), scope);
    return undefined;
  }
  if (/t/.test(letters) || has(options, /^--list$/)) return undefined;
  const archives = [
    ...(/f/.test(bare) ? operands.slice(1, 2) : []),
    ...optionValues(args, /^-[a-zA-Z]*f$/, /^--file$/),
  ];
  for (const one of archives) context.touch(one, scope);
  if (has(options, /^--remove-files$/)) for (const one of given) context.touch(one, scope, true);
  return undefined;
};

const unzip: Rule = ({ args, scope }, context) => {
  const { options, operands } = split(args, /^-d$/);
  if (has(options, /^-[a-zA-Z]*[lptvZ]/)) return undefined;
  const folder = optionValues(args, /^-d$/)[0] ?? value(".");
  context.touch(folder, scope);
  for (const one of operands.slice(1)) context.touch(under(folder, one), scope);
  return undefined;
};

const seven: Rule = ({ args, scope }, context) => {
  const [mode] = args;
  const { operands } = split(args);
  if (mode?.alts.some((text) => /^[xe]$/.test(text)) === true)
    for (const one of optionValues(args, /^-o$/)) context.touch(one, scope);
  else if (mode?.alts.some((text) => /^[audm]/.test(text)) === true)
    for (const one of operands.slice(1, 2)) context.touch(one, scope);
  return undefined;
};

const zip: Rule = ({ args, scope }, context) => {
  const { options, operands } = split(args);
  const moved = has(options, /^-[a-zA-Z]*m|^--move/);
  for (const one of operands.slice(0, moved ? undefined : 1)) context.touch(one, scope, moved);
  return undefined;
};

/** Refuses a patch (unified diff) that changes a forbidden file, with or without its first folders. */
export function checkPatch(text: string, { scope }: Pick<Call, "scope">, context: RuleContext, folder = "."): void {
  const named = text.matchAll(
    /^(?:\+\+\+|---|diff --git|rename (?:from|to)|copy to|Index:|\*\*\*(?: \w+ File:)?)[ \t]+(.+)$/gm,
  );
  for (const [, line = ""] of named) {
    for (const name of line.replace(/\t.*/, "").split(" ")) {
      const segments = name.replaceAll('"', "").split("/");
      const alts = segments.slice(0, 3).map((_, at) => `${folder}/${segments.slice(at).join("/")}`);
      if (segments.at(-1) !== "null") context.touch({ alts, taint: [] }, scope);
    }
  }
}

/** The patches a command reads: operands that are files, else what flows in. */
export function patchTexts(call: Call, context: RuleContext, files: readonly Value[]): string[] {
  const paths = files.flatMap((one) =>
    one.alts.flatMap((alt) => call.scope.cwds.map((cwd) => (alt.startsWith("/") ? alt : `${cwd}/${alt}`))),
  );
  const texts = paths.map((path) => context.paths.disk.read(path)).filter((text) => text !== null);
  if (call.input?.text != null) texts.push(call.input.text);
  else if (texts.length === 0 && call.input !== null) {
    const flows = call.input.taint.flatMap((name) =>
      call.scope.cwds.map((cwd) => context.paths.disk.read(name.startsWith("/") ? name : `${cwd}/${name}`)),
    );
    texts.push(...flows.filter((text) => text !== null));
    if (texts.length === 0) context.denyUnknown("what this patch changes", call.input.taint, call.scope);
  }
  return texts;
}

const patch: Rule = (call, context) => {
  const { args, scope } = call;
  const { options, operands } = split(args, /^-[a-zA-Z]*[iodpFDBYz]$/);
  if (has(options, /^--dry-run$/)) return undefined;
  const folder = optionValues(args, /^-d$/, /^--directory$/)[0] ?? value(".");
  if (folder.alts[0] !== ".") context.touch(folder, scope);
  for (const one of operands.slice(0, 1)) context.touch(under(folder, one), scope);
  for (const one of optionValues(args, /^-o$/, /^--output$/)) context.touch(one, scope);
  const given = [...optionValues(args, /^-i$/, /^--input$/), ...operands.slice(1)];
  for (const text of patchTexts(call, context, given)) checkPatch(text, call, context, folder.alts[0]);
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
