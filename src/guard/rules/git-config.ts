// `git config`: which settings git would run as a program, or find its hooks by. Others an agent may set.

import { isWild } from "../pattern.ts";
import type { ShellScope, Value } from "../scope.ts";
import { has, optionValues, type RuleContext, split } from "./rule.ts";

/** git-config(1): the value is run, names a file that says what is run, or sends a transport elsewhere. */
const RUN_BY_GIT =
  /^(?:core\.(?:hookspath|fsmonitor|editor|pager|sshcommand|askpass|gitproxy|attributesfile|worktree|alternaterefscommand)|alias\.|filter\.|diff\.external|diff\..+\.(?:command|textconv)|merge\..+\.driver|(?:merge|diff)tool\.|guitool\.|credential(?:\..+)?\.helper|sequence\.editor|include\.path|includeif\.|gpg(?:\..+)?\.program|pager\.|browser\.|man\.|remote\..+\.(?:uploadpack|receivepack|vcs|proxy)|uploadpack\.packobjectshook|init\.templatedir|submodule\..+\.update|interactive\.difffilter|trailer\..+\.(?:cmd|command)|sendemail\.|tar\.|instaweb\.|imap\.tunnel|receive\.procreceiverefs|url\.|bundle\.|fetch\.bundleuri)/;

const WRITES = /^--(?:add|replace-all|unset|unset-all|rename-section|remove-section|edit)$|^-e$/;
const READS = /^--(?:get|get-all|get-regexp|get-urlmatch|get-color|get-colorbool|list|name-only)$|^-l$/;

export function checkConfig(args: readonly Value[], scope: ShellScope, context: RuleContext): void {
  const { options, operands } = split(args, /^(?:-f|--file|--blob|--type|--default|--comment|--value)$/);
  const words = operands.map((one) => one.alts[0] ?? "");
  const verb = /^(?:get|list|set|unset|edit|rename-section|remove-section)$/.test(words[0] ?? "")
    ? words.shift()
    : undefined;
  if (verb === "get" || verb === "list" || has(options, READS)) return;
  const writes = verb !== undefined || has(options, WRITES);
  if (!writes && words.length < 2) return;
  for (const one of optionValues(args, /^-f$/, /^--file$/)) context.touch(one, scope);
  const edits = verb === "edit" || has(options, /^(?:--edit|-e)$/);
  const [key = ""] = words;
  if (edits || isWild(key) || RUN_BY_GIT.test(key.toLowerCase()))
    context.forbid(
      edits ? "`git config --edit`" : `\`git config ${key}\``,
      "git runs what this setting says, outside of every hook; set it for one command only, or ask the person who runs rollcall",
    );
}
