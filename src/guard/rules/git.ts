// git: the subcommands that change files of the work tree.

import { absolute } from "../pattern.ts";
import { type ShellScope, type Value, value } from "../scope.ts";
import { checkPatch, patchTexts } from "./archives.ts";
import { checkConfig } from "./git-config.ts";
import { type Arguments, type Call, has, optionValues, type Rule, type RuleContext, split } from "./rule.ts";

/** A pathspec as a path: magic at its front taken off, `:/` is the top. */
function pathspec(one: Value, root: string): Value {
  const alts = one.alts
    .filter((text) => !/^:[!^]|^:\([^)]*exclude/.test(text))
    .map((text) => text.replace(/^:\/|^:\([^)]*top[^)]*\)/, `${root}/`).replace(/^:\([^)]*\)/, ""));
  return { ...one, alts };
}

/** Everything in the work tree may change. */
function whole(context: RuleContext, scope: ShellScope): void {
  context.touch(value(context.paths.root), scope, true);
}

function paths(list: readonly Value[], context: RuleContext, scope: ShellScope, tree = true): void {
  for (const one of list) context.touch(pathspec(one, context.paths.root), scope, tree);
}

/** checkout, restore, switch: paths come back as they once were. */
function restores(name: string, args: readonly Value[], { scope }: Call, context: RuleContext): void {
  const { options, operands } = split(args, /^(?:-b|-B|-c|-C|-s|--source|--orphan|--conflict)$/);
  if (name === "restore") {
    if (has(options, /^(?:-S|--staged)$/) && !has(options, /^(?:-W|--worktree)$/)) return;
    paths(operands, context, scope);
    return;
  }
  if (has(options, /^(?:-f|--force|--discard-changes|-p|--patch)$/)) whole(context, scope);
  if (name === "checkout") paths(operands, context, scope);
}

/** stash takes changes out of the work tree, or puts them back. */
function stashes({ operands, call: { scope }, context }: Given): void {
  const [verb, ...given] = operands;
  const name = verb?.alts[0] ?? "push";
  if (/^(?:list|show|drop|clear|create)$/.test(name)) return;
  if (name === "push" && given.length > 0) paths(given, context, scope);
  else whole(context, scope);
}

/** A patch changes the files that it names. */
function applies({ args, options, operands, call, context }: Given): void {
  if (has(options, /^--(?:check|stat|numstat|summary|cached|abort|show-current-patch)$/)) return;
  const folder = optionValues(args, /^$/, /^--directory$/)[0]?.alts[0] ?? ".";
  for (const text of patchTexts(call, context, operands)) checkPatch(text, call, context, folder);
}

interface Given extends Arguments {
  readonly args: readonly Value[];
  readonly call: Call;
  readonly context: RuleContext;
}

type Verb = (given: Given) => void;

const everything: Verb = ({ context, call }) => whole(context, call.scope);
const named =
  (from: number, to?: number): Verb =>
  ({ operands, context, call }) =>
    paths(operands.slice(from, to), context, call.scope);

/** The subcommands that write; all others at most write the file of an `--output`. */
const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ["checkout", ({ args, call, context }) => restores("checkout", args, call, context)],
  ["restore", ({ args, call, context }) => restores("restore", args, call, context)],
  ["switch", ({ args, call, context }) => restores("switch", args, call, context)],
  ["mv", named(0)],
  ["rm", (given) => (has(given.options, /^--cached$/) ? undefined : named(0)(given))],
  [
    "clean",
    ({ options, operands, context, call }) => {
      if (has(options, /^(?:-[a-zA-Z]*n|--dry-run)/)) return;
      paths(operands.length > 0 ? operands : [value(".")], context, call.scope);
    },
  ],
  ["reset", (given) => (has(given.options, /^--(?:hard|merge|keep)$/) ? everything(given) : undefined)],
  ["stash", stashes],
  ["sparse-checkout", (given) => (given.operands[0]?.alts[0] === "list" ? undefined : everything(given))],
  ["checkout-index", everything],
  ["read-tree", everything],
  ["filter-branch", everything],
  ["filter-repo", everything],
  ["apply", applies],
  ["am", applies],
  ["clone", named(1)],
  ["init", named(0)],
  ["bundle", named(1, 2)],
  ["config", ({ args, call, context }) => checkConfig(args, call.scope, context)],
  [
    "worktree",
    (given) => (/^(?:add|remove|move)$/.test(given.operands[0]?.alts[0] ?? "") ? named(1, 2)(given) : undefined),
  ],
]);

function subcommand(name: string, args: readonly Value[], call: Call, context: RuleContext): void {
  const verb = VERBS.get(name);
  if (verb === undefined) paths(optionValues(args, /^-o$/, /^--output(?:-directory)?$/), context, call.scope, false);
  else verb({ ...split(args), args, call, context });
}

/** git's own shell commands: aliases made on the way, bisect run, filters. */
function shellParts(args: readonly Value[], call: Call, context: RuleContext): void {
  for (const one of args) {
    const alts = one.alts.filter((text) => /^alias\.[^=]*=!/.test(text)).map((text) => text.replace(/^[^!]*!/, ""));
    if (alts.length > 0) context.shell({ ...one, alts }, call.scope);
  }
  const text = args.map((one) => one.alts[0] ?? "");
  const at = text[0] === "bisect" && text[1] === "run" ? 2 : text[0] === "submodule" && text[1] === "foreach" ? 2 : 0;
  const runs = args.slice(at);
  if (at === 0 || runs.length === 0) return;
  if (runs.length === 1 && runs[0] !== undefined) context.shell(runs[0], call.scope);
  else context.run(runs, call.scope, null);
}

/** The folder git works in, and what stands behind its own options. */
function behindOptions(call: Call): { readonly scope: ShellScope; readonly rest: readonly Value[] } {
  let { scope } = call;
  for (let at = 0; at < call.args.length; at++) {
    const text = call.args[at]?.alts[0] ?? "";
    if (!text.startsWith("-")) return { scope, rest: call.args.slice(at) };
    const joined = text.startsWith("--work-tree=");
    const folder = joined ? value(text.slice(12)) : /^(?:-C|--work-tree)$/.test(text) ? call.args[at + 1] : undefined;
    if (folder !== undefined) {
      scope = { ...scope, cwds: scope.cwds.flatMap((cwd) => folder.alts.map((alt) => absolute(alt, cwd))) };
    }
    if (/^(?:-C|-c|--work-tree|--git-dir|--namespace)$/.test(text)) at++;
  }
  return { scope, rest: [] };
}

/** Names of files that git prints may flow into the next command. */
function prints(verb: string, args: readonly Value[], scope: ShellScope, context: RuleContext): string[] {
  if (!/^(?:ls-files|diff|status|grep|log|show)$/.test(verb)) return [];
  const there = (text: string): boolean =>
    scope.cwds.some((cwd) => context.paths.disk.kind(absolute(text, cwd)) !== null);
  if (args.some((one) => one.alts.some(there))) return [];
  return scope.cwds.map((cwd) => context.paths.search(".", cwd, null)).filter((one) => one !== null);
}

export const git: Rule = (call, context) => {
  const { scope, rest } = behindOptions(call);
  const [verb, ...args] = rest;
  const here: Call = { ...call, scope };
  shellParts(call.args, here, context);
  shellParts(rest, here, context);
  for (const name of verb?.alts ?? []) subcommand(name, args, here, context);
  const name = verb?.alts[0] ?? "";
  if (name === "rev-parse" && args[0]?.alts[0] === "--show-toplevel") return { text: context.paths.root, taint: [] };
  return { text: null, taint: [...rest.flatMap((one) => one.alts), ...prints(name, args, scope, context)] };
};
