// Which arguments of which command are written, removed or run. A command that stands nowhere here is taken for a reader.

import { ANY, namePattern, STAR } from "../pattern.ts";
import { assign, enter, remember, type Stream, type Value, value } from "../scope.ts";
import { decodeEscapes } from "../shell/escapes.ts";
import { ARCHIVES } from "./archives.ts";
import { copies } from "./copies.ts";
import { git } from "./git.ts";
import { greps, lists } from "./listings.ts";
import { has, optionValues, type Rule, split } from "./rule.ts";
import { RUNNERS } from "./runners.ts";

const words = (text: string): string[] => text.split(" ");
const RECURSIVE = /^-[a-zA-Z]*[rR]|^--recursive/;

/** Every operand is written. */
const writes: Rule = ({ args, scope }, context) => {
  const { options, operands } = split(args);
  for (const one of operands) context.touch(one, scope, has(options, RECURSIVE));
  return undefined;
};

/** Every operand goes, with all below it. */
const removes: Rule = ({ args, scope }, context) => {
  for (const one of split(args).operands) context.touch(one, scope, true);
  return undefined;
};

/** Every operand is rewritten, with all below it; wildcards in quotes are the program's own. */
const rewrites: Rule = (call, context) => {
  removes(call, context);
  const globs = split(call.args).operands.flatMap((one) => one.alts.filter((text) => text.includes("*")));
  for (const glob of globs) {
    const folder = glob.slice(0, Math.max(0, glob.indexOf("*"))).replace(/[^/]*$/, "") || ".";
    const name = namePattern(glob.slice(glob.lastIndexOf("/") + 1));
    for (const cwd of call.scope.cwds) {
      const hit = context.paths.search(folder, cwd, name === ANY || name === STAR ? null : name);
      if (hit !== null) context.touch(value(hit), call.scope);
    }
  }
  return undefined;
};

/** ruff, deno, dprint: a subcommand formats in place. */
const formats: Rule = (call, context) => {
  const { options, operands } = split(call.args);
  const [verb] = operands;
  const runs = verb?.alts.some((text) => /^(?:format|fmt)$/.test(text)) === true && !has(options, /^--(?:check|diff)$/);
  return runs || has(options, /^--fix/) ? rewrites(call, context) : undefined;
};

/** Editors: their files, and what a command given to them names. */
const edits: Rule = (call, context) => {
  const commands = call.args.flatMap((one) => one.alts).filter((text) => /\s/.test(text));
  context.denyUnknown(
    `what ${call.name} writes`,
    commands.flatMap((text) => text.split(/[\s|]+/)),
    call.scope,
  );
  return writes(call, context);
};

/** Every operand is written unless an option says that it is only looked at. */
const unless =
  (reading: RegExp): Rule =>
  (call, context) =>
    has(split(call.args).options, reading) ? undefined : rewrites(call, context);

/** Operands are written (with all below them) only when an option says so. */
const onlyWith =
  (writing: RegExp): Rule =>
  (call, context) =>
    has(split(call.args).options, writing) ? rewrites(call, context) : outputs(call, context);

/** `-o FILE`, `--output=FILE`, `--out-dir FOLDER`: whatever the command. */
const outputs: Rule = ({ args, scope }, context) => {
  const long = /^--?(?:\w+[-_])*out(?:put)?(?:[-_]?(?:file|dir|path|folder|directory))?$/i;
  for (const one of optionValues(args, /^-o$/, long)) context.touch(one, scope);
  return undefined;
};

const dd: Rule = ({ args, scope }, context) => {
  for (const one of args) {
    const alts = one.alts.filter((text) => text.startsWith("of=")).map((text) => text.slice(3));
    if (alts.length > 0) context.touch({ ...one, alts }, scope);
  }
  return undefined;
};

const sed: Rule = (call, context) => {
  const { args, scope } = call;
  const { options, operands } = split(args, /^(?:-[a-zA-Z]*[efl]|--expression|--file|--line-length)$/);
  const scripted = has(options, /^-[a-zA-Z]*[ef]|^--expression|^--file/);
  for (const one of [...optionValues(args, /^-e$/, /^--expression$/), ...operands.slice(0, scripted ? 0 : 1)]) {
    for (const text of one.alts) {
      for (const [, file = ""] of text.matchAll(/(?:^|[;/\s\dgpIMe}])w\s+([^;\n}]+)/g))
        context.touch(value(file.trim()), scope);
      // GNU: `e COMMAND` runs it, the flag e runs what was put in.
      const runs = /(?:^|[;{\s\d$/])e\s+([^\n]+)/.exec(text)?.[1] ?? /s(\W).*\1(.*)\1[a-zA-Z\d]*e/.exec(text)?.[2];
      if (runs !== undefined) context.perhaps(value(runs), { ...scope, bestEffort: true });
    }
  }
  if (!has(options, /^-[a-zA-Z]*i|^--in-place/)) return undefined;
  for (const one of operands.slice(scripted ? 0 : 1)) context.touch(one, scope, true);
  return undefined;
};

const fetches: Rule = ({ name, args, scope }, context) => {
  const { options, operands } = split(args);
  const short = name === "curl" ? /^-[a-zA-Z]*[oDc]$/ : /^-[a-zA-Z]*[OPoa]$/;
  const long =
    /^--(?:output(?:-dir|-document|-file)?|directory-prefix|dump-header|cookie-jar|append-output|trace(?:-ascii)?)$/;
  for (const one of optionValues(args, short, long)) context.touch(one, scope);
  if (name === "wget" || has(options, /^-[a-zA-Z]*O|^--remote-name/)) {
    for (const one of operands)
      context.touch({ ...one, alts: one.alts.map((url) => url.replace(/[?#].*/, "").replace(/.*\//, "./")) }, scope);
  }
  return undefined;
};

const sort: Rule = (call, context) => {
  for (const one of optionValues(call.args, /^-[a-zA-Z]*o$/, /^--output$/)) context.touch(one, call.scope);
  return undefined;
};

const last: Rule = ({ args, scope }, context) => {
  for (const one of split(args).operands.slice(-1)) context.touch(one, scope);
  return undefined;
};

const cd: Rule = ({ name, args, scope }, context) => {
  const [target] = split(args).operands;
  const back = target?.alts.includes("-") === true;
  if (name === "popd" || back) {
    const { cwds } = scope;
    scope.cwds = back ? [...scope.old] : [...new Set([...cwds, ...scope.old])];
    scope.old = cwds;
  } else if (target !== undefined || name === "cd") {
    enter(
      scope,
      target ?? value(scope.home === "" ? ANY : scope.home),
      (path) => context.paths.disk.kind(path) === "folder",
    );
  }
  return undefined;
};

/** export, declare, local …: assignments as arguments. */
const declares: Rule = ({ args, scope }) => {
  for (const one of args) {
    for (const text of one.alts) {
      const match = /^([A-Za-z_]\w*)\+?=([\s\S]*)$/.exec(text);
      if (match !== null) assign(scope, match[1] ?? "", { ...one, alts: [match[2] ?? ""] });
    }
  }
  return undefined;
};

/** read, mapfile: variables made of what flows in. */
const reads: Rule = ({ name: command, args, scope, input }) => {
  const names = split(args, command === "read" ? /^-[a-zA-Z]*[adinNptu]$/ : /^-[a-zA-Z]*[dnOsuCc]$/).operands.flatMap(
    (one) => one.alts,
  );
  const array = optionValues(args, /^-[a-zA-Z]*a$/).flatMap((one) => one.alts);
  const given: Value = {
    alts: [ANY],
    taint: [...(input?.taint ?? []), ...(input?.text?.split(/\s+/) ?? [])],
    opaque: input?.opaque === true,
  };
  for (const name of [...names, ...array, "REPLY", "MAPFILE"]) assign(scope, name, given);
  return undefined;
};

function printed(args: readonly Value[], text: (list: readonly string[]) => string): Stream {
  const single = args.every((one) => one.alts.length === 1);
  const taint = args.flatMap((one) => [...one.alts, ...one.taint]);
  const opaque = args.some((one) => one.opaque);
  return { text: single ? text(args.map((one) => one.alts[0] ?? "")) : null, taint, opaque };
}

const echo: Rule = ({ args }) =>
  printed(args, (list) => {
    const escapes = list.some((one) => /^-[nE]*e/.test(one));
    const text = list.filter((one, at) => !(at === 0 && /^-[neE]+$/.test(one))).join(" ");
    return `${escapes ? decodeEscapes(text) : text}\n`;
  });

const printf: Rule = (call) => {
  const [first, second, ...rest] = call.args;
  if (first?.alts.includes("-v") === true) {
    for (const name of second?.alts ?? [])
      assign(call.scope, name, { alts: [ANY], taint: rest.flatMap((one) => one.alts) });
    return undefined;
  }
  return printed(call.args, ([format = "", ...list]) => {
    let left = list;
    let out = "";
    do {
      const before = left.length;
      out += decodeEscapes(format).replace(/%[-\d.]*[sbqdi]/g, () => {
        const [one = "", ...more] = left;
        left = more;
        return one;
      });
      if (left.length === before) break;
    } while (left.length > 0 && out.length < 65536);
    return out;
  });
};

/** cat, tee: what comes in goes out. */
const passes: Rule = (call, context) => {
  const { operands } = split(call.args);
  if (call.name === "tee") {
    writes(call, context);
    for (const one of operands) remember(call.scope, one, call.input?.text ?? null);
  }
  const through = call.input !== null && (call.name === "tee" || operands.length === 0);
  return through ? (call.input ?? undefined) : undefined;
};

const decodes: Rule = (call, context) => {
  outputs(call, context);
  if (call.name === "xxd") for (const one of split(call.args).operands.slice(1)) context.touch(one, call.scope);
  return { text: null, taint: call.args.flatMap((one) => one.alts), opaque: true };
};

/** `set -- a b`: the positional parameters. */
const sets: Rule = ({ args, scope }) => {
  scope.args.push(...args.flatMap((one) => [...one.alts, ...one.taint]));
  return undefined;
};

const pwd: Rule = ({ scope }) => ({ text: scope.cwds.length === 1 ? (scope.cwds[0] ?? null) : null, taint: [] });
const quiet: Rule = () => undefined;

const TABLE: readonly (readonly [string, Rule])[] = [
  ["rm rmdir unlink shred srm trash trash-put rimraf del-cli del", removes],
  [
    "touch mkdir truncate chmod chown chgrp chattr setfacl setfattr mkfifo mknod mktemp sponge split csplit fallocate dos2unix unix2dos sd jscodeshift codemod",
    writes,
  ],
  [
    "gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lzma compress uncompress",
    unless(/^-[a-zA-Z0-9]*[clt]|^--(?:stdout|to-stdout|list|test)/),
  ],
  ["black isort autoflake pyupgrade rustfmt swiftformat gofumpt", unless(/^--(?:check|diff|check-only|verify)|^-c$/)],
  [
    "prettier eslint stylelint biome standard tslint gofmt goimports shfmt clang-format autopep8 yapf rubocop yq sqlfluff markdownlint oxlint",
    onlyWith(/^--(?:write|fix|in-?place|apply|autocorrect|auto-correct|auto-gen|unsafe)|^-(?:w|i|a|A)$/),
  ],
  ["ruff dprint", formats],
  ["ed ex vi vim nvim nano pico emacs joe", edits],
  [
    "vitest jest ava playwright pytest",
    onlyWith(/^(?:-u|--update|--updateSnapshot|--update-snapshots?|--snapshot-update|--force-regen)$/),
  ],
  ["cp install scp rsync ditto", copies("copy")],
  ["mv", copies("move")],
  ["ln link", copies("link")],
  ["rename prename mmv", removes],
  ["dd", dd],
  ["sed gsed", sed],
  ["curl wget", fetches],
  ["sort", sort],
  ["ffmpeg convert magick sox", last],
  ["cd pushd popd chdir", cd],
  ["export declare typeset local readonly", declares],
  ["read mapfile readarray", reads],
  ["echo", echo],
  ["printf", printf],
  ["cat tee", passes],
  ["base64 base32 xxd openssl rev tr uudecode gpg zcat bzcat xzcat rot13", decodes],
  ["ls dir vdir tree du", lists],
  ["grep egrep fgrep rg ag ack", greps],
  ["pwd", pwd],
  ["set", sets],
  [
    "ps head tail wc nl stat diff cmp comm cut uniq true false test [ [[ : which type date id uname sleep kill ssh mount",
    quiet,
  ],
  ["git", git],
  ["", outputs],
];

export const RULES: ReadonlyMap<string, Rule> = new Map([
  ...TABLE.flatMap(([names, rule]) => words(names).map((name) => [name, rule] as const)),
  ...ARCHIVES,
  ...RUNNERS((name) => RULES.get(name)),
]);
