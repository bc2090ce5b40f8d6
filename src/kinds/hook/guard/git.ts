// git: the subcommands that change files of the work tree.
import { judgePatch, patchTexts } from "./archives.ts";
import { type Call, has, type Judge, optionValues, type Rule, split } from "./judge.ts";
import { absolute } from "./pattern.ts";
import { type Scope, type Value, value } from "./scope.ts";

/** A pathspec as a path: magic at its front taken off, `:/` is the top. */
function pathspec(one: Value, root: string): Value {
  const alts = one.alts
    .filter((text) => !/^:[!^]|^:\([^)]*exclude/.test(text))
    .map((text) => text.replace(/^:\/|^:\([^)]*top[^)]*\)/, `${root}/`).replace(/^:\([^)]*\)/, ""));
  return { ...one, alts };
}

/** Everything in the work tree may change. */
function whole(judge: Judge, scope: Scope): void {
  judge.touch(value(judge.fence.root), scope, true);
}

function paths(list: readonly Value[], judge: Judge, scope: Scope, tree = true): void {
  for (const one of list) judge.touch(pathspec(one, judge.fence.root), scope, tree);
}

/** checkout, restore, switch: paths come back as they once were. */
function restores(name: string, args: readonly Value[], { scope }: Call, judge: Judge): void {
  const { options, operands } = split(args, /^(?:-b|-B|-c|-C|-s|--source|--orphan|--conflict)$/);
  if (name === "restore") {
    if (has(options, /^(?:-S|--staged)$/) && !has(options, /^(?:-W|--worktree)$/)) return;
    paths(operands, judge, scope);
    return;
  }
  if (has(options, /^(?:-f|--force|--discard-changes|-p|--patch)$/)) whole(judge, scope);
  if (name === "checkout") paths(operands, judge, scope);
}

const WHOLE = /^(?:checkout-index|read-tree|filter-branch|filter-repo|sparse-checkout)$/;

function subcommand(name: string, args: readonly Value[], call: Call, judge: Judge): void {
  const { scope } = call;
  const { options, operands } = split(args);
  const verb = operands[0]?.alts[0] ?? "";
  if (/^(?:checkout|restore|switch)$/.test(name)) restores(name, args, call, judge);
  else if (name === "mv") paths(operands, judge, scope);
  else if (name === "rm" && !has(options, /^--cached$/)) paths(operands, judge, scope);
  else if (name === "clean" && !has(options, /^(?:-[a-zA-Z]*n|--dry-run)/))
    paths(operands.length > 0 ? operands : [value(".")], judge, scope);
  else if (name === "reset" && has(options, /^--(?:hard|merge|keep)$/)) whole(judge, scope);
  else if (name === "stash" && !/^(?:list|show|drop|clear|create)$/.test(verb)) {
    const given = operands.slice(verb === "push" || verb === "save" ? 1 : operands.length);
    if (verb === "push" && given.length > 0) paths(given, judge, scope);
    else whole(judge, scope);
  } else if (WHOLE.test(name) && verb !== "list") whole(judge, scope);
  else if (name === "apply" || name === "am") {
    if (has(options, /^--(?:check|stat|numstat|summary|cached|abort|show-current-patch)$/)) return;
    const folder = optionValues(args, /^$/, /^--directory$/)[0]?.alts[0];
    for (const text of patchTexts(call, judge, operands)) judgePatch(text, call, judge, folder ?? ".");
  } else if (name === "clone") paths(operands.slice(1), judge, scope, false);
  else if (name === "worktree" && /^(?:add|remove|move)$/.test(verb)) paths(operands.slice(1, 2), judge, scope);
  else if (name === "init") paths(operands, judge, scope, false);
  else if (/^(?:archive|format-patch|diff|log|show|bundle)$/.test(name)) {
    const files = optionValues(args, /^-o$/, /^--output(?:-directory)?$/);
    paths(name === "bundle" ? operands.slice(1, 2) : files, judge, scope, false);
  }
}

/** git's own shell commands: aliases made on the way, bisect run, filters. */
function shellParts(args: readonly Value[], call: Call, judge: Judge): void {
  for (const one of args) {
    const alts = one.alts.filter((text) => /^alias\.[^=]*=!/.test(text)).map((text) => text.replace(/^[^!]*!/, ""));
    if (alts.length > 0) judge.shell({ ...one, alts }, call.scope);
  }
  const text = args.map((one) => one.alts[0] ?? "");
  const at = text[0] === "bisect" && text[1] === "run" ? 2 : text[0] === "submodule" && text[1] === "foreach" ? 2 : 0;
  const runs = args.slice(at);
  if (at === 0 || runs.length === 0) return;
  if (runs.length === 1 && runs[0] !== undefined) judge.shell(runs[0], call.scope);
  else judge.run(runs, call.scope, null);
}

export const git: Rule = (call, judge) => {
  let { scope } = call;
  let at = 0;
  for (; at < call.args.length; at++) {
    const one = call.args[at];
    const next = call.args[at + 1];
    const text = one?.alts[0] ?? "";
    if (!text.startsWith("-")) break;
    const folder = text.startsWith("--work-tree=")
      ? value(text.slice(12))
      : text === "-C" || text === "--work-tree"
        ? next
        : undefined;
    if (folder !== undefined) {
      scope = { ...scope, cwds: scope.cwds.flatMap((cwd) => folder.alts.map((alt) => absolute(alt, cwd))) };
    }
    if (/^(?:-C|-c|--work-tree|--git-dir|--namespace)$/.test(text)) at++;
  }
  const rest = call.args.slice(at);
  const here: Call = { ...call, scope };
  shellParts(call.args, here, judge);
  shellParts(rest, here, judge);
  for (const name of rest[0]?.alts ?? []) subcommand(name, rest.slice(1), here, judge);
  if (rest[0]?.alts[0] === "rev-parse" && rest[1]?.alts[0] === "--show-toplevel")
    return { text: judge.fence.root, taint: [] };
  const names = /^(?:ls-files|diff|status|grep|log|show)$/.test(rest[0]?.alts[0] ?? "");
  const found = names ? scope.cwds.map((cwd) => judge.fence.search(".", cwd, null)).filter((one) => one !== null) : [];
  const dirs = rest
    .slice(1)
    .some((one) => one.alts.some((text) => scope.cwds.some((cwd) => judge.fence.disk.kind(`${cwd}/${text}`) !== null)));
  return { text: null, taint: [...rest.flatMap((one) => one.alts), ...(dirs ? [] : found)] };
};
