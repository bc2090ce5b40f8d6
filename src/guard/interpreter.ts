// Walks a parsed script command by command and refuses what would write where the agent may not.
import { checkBuiltin, RUN_BY_OTHERS, runAlias } from "./builtins.ts";
import { evaluateSum } from "./evaluated.ts";
import type { PathPolicy } from "./path-matcher.ts";
import { ANY, isWild, throughDescriptor } from "./pattern.ts";
import { type ClosedPlace, Denied, type GuardPolicy } from "./policy.ts";
import { because, readable } from "./refusal.ts";
import { RULES } from "./rules/commands.ts";
import { checkForbidden } from "./rules/forbidden.ts";
import type { Call, RuleContext } from "./rules/rule.ts";
import {
  assign,
  fields,
  inner,
  type RunList,
  remember,
  type ShellScope,
  type Stream,
  textValue,
  type Value,
} from "./scope.ts";
import { type List, type Node, type Redirect, Unparsable } from "./shell/ast.ts";
import { parse } from "./shell/parse.ts";
import { plainText } from "./shell/words.ts";

const NOTHING: Stream = { text: null, taint: [] };
const MAX_DEPTH = 24;
/** Their arguments are names of tasks. */
const TASKS = /^(?:npm|pnpm|yarn|bun|make|just|cargo|go|gradle|mvn)$/;

function joinStreams(streams: readonly Stream[]): Stream {
  const known = streams.every((one) => one.text !== null);
  return {
    text: known && streams.length > 0 ? streams.map((one) => one.text).join("") : null,
    taint: streams.flatMap((one) => one.taint),
    opaque: streams.some((one) => one.opaque),
  };
}

/** Refuses the command text when something in it would write to a forbidden place. */
export function checkScript(text: string, cwd: string, paths: PathPolicy, policy: GuardPolicy): void {
  const context = makeRuleContext(paths, policy);
  const scope: ShellScope = {
    cwds: [cwd],
    old: [cwd],
    vars: new Map(),
    functions: new Map(),
    args: [],
    op: ";",
    depth: 0,
    bestEffort: false,
    home: paths.disk.home,
    ambient: [],
    files: new Map(),
    evaluation: { used: false },
    aliases: new Map(),
  };
  context.shell({ alts: [text], taint: [] }, scope);
  // What comes late in a loop or a function may reach back: once more with all that is known now.
  if (/\b(?:while|until|for|select)\b|\(\s*\)|\bfunction\b/.test(text))
    context.shell({ alts: [text], taint: [] }, { ...scope, cwds: [cwd] });
}

function makeRuleContext(paths: PathPolicy, policy: GuardPolicy): RuleContext {
  const refuse = (place: ClosedPlace, shown: string): never => {
    throw new Denied(because(policy, place, readable(shown)));
  };
  const each = (target: Value, scope: ShellScope, test: (alt: string, cwd: string) => ClosedPlace | null): void => {
    for (const alt of target.alts) {
      for (const cwd of scope.cwds) {
        const place = test(alt, cwd);
        if (place !== null) refuse(place, alt);
      }
    }
  };
  const context: RuleContext = {
    paths,
    reads: (target, scope) => {
      if (policy.access !== "all") return;
      each(target, scope, (alt, cwd) => {
        const place = alt.startsWith("-") ? null : paths.touch(alt, cwd);
        return place?.own === undefined ? place : null;
      });
    },
    touch: (target, scope, tree = false) => {
      each(target, scope, (alt, cwd) => paths.touch(alt, cwd, tree));
      const through = scope.bestEffort ? undefined : target.alts.find(throughDescriptor);
      if (through !== undefined) throw new Denied(`cannot tell which file ${through} is: write its path`);
      if (scope.bestEffort || !target.alts.some((alt) => alt.includes(ANY))) return;
      const texts = target.opaque === true ? null : target.taint;
      each(target, scope, (alt, cwd) => (alt.includes(ANY) ? paths.tainted(alt, cwd, texts) : null));
    },
    settings: (target, scope) =>
      each(target, scope, (alt, cwd) => {
        const place = paths.touch(alt, cwd);
        return place?.own === "settings" ? place : null;
      }),
    denyUnknown: (what, texts, scope) => {
      if (scope.bestEffort) return;
      if (texts.includes(ANY)) throw new Denied(`cannot tell ${what}: write it plainly`);
      for (const text of texts) {
        const place = paths.names(text, scope.cwds[0] ?? "/");
        if (place !== null) throw new Denied(`cannot tell ${what}; ${because(policy, place, readable(text))}`);
      }
    },
    forbid: (command, why) => {
      throw new Denied(`${policy.agent} may not run ${readable(command)}: ${why}`);
    },
    run: (words, scope, input) => runWords(context, words, scope, input),
    shell: (text, scope, input = null) => runText(context, text, scope, { input, sure: true }),
    perhaps: (text, scope, input = null) => runText(context, text, scope, { input, sure: false }),
  };
  return context;
}

interface TextUse {
  readonly input: Stream | null;
  /** A shell runs the text, no doubt. */
  readonly sure: boolean;
}

function runText(context: RuleContext, text: Value, scope: ShellScope, { input, sure }: TextUse): Stream {
  if (scope.depth > MAX_DEPTH) throw new Denied("commands nested too deeply");
  if (text.opaque === true) throw new Denied("cannot tell what the shell is given to run: write it plainly");
  const out = text.alts.map((one) => {
    if (one.startsWith(ANY)) context.denyUnknown("what the shell is given to run", text.taint, scope);
    try {
      const list = parse(one);
      const ambient = [...scope.ambient, ...text.taint];
      return deeper({ ...scope, ambient }, (at) => runList(context, list, at, input), scope);
    } catch (error) {
      if (!(error instanceof Unparsable)) throw error;
      if (sure && !scope.bestEffort)
        throw new Denied(`cannot read this command as bash would (${error.message}): write it in a simpler way`);
      context.denyUnknown(`what the shell makes of this (${error.message})`, one.split(/[\s"'=;|&()<>]+/), scope);
      return NOTHING;
    }
  });
  return joinStreams(out);
}

/** One level down in the same shell: folders entered there stay entered. */
function deeper(scope: ShellScope, run: (at: ShellScope) => Stream, outer: ShellScope = scope): Stream {
  const at: ShellScope = { ...scope, depth: scope.depth + 1 };
  const out = run(at);
  outer.cwds = at.cwds;
  outer.old = at.old;
  return out;
}

function runList(context: RuleContext, list: List, scope: ShellScope, input: Stream | null): Stream {
  return joinStreams(
    list.map(({ node, op }) => {
      scope.op = op;
      return runNode(context, node, op === "&" ? inner(scope) : scope, input);
    }),
  );
}

function runNode(context: RuleContext, node: Node, scope: ShellScope, input: Stream | null): Stream {
  if (scope.depth > MAX_DEPTH) throw new Denied("commands nested too deeply");
  switch (node.k) {
    case "pipe": {
      let flow = input;
      for (const step of node.steps) {
        const out = runNode(context, step, inner(scope), flow);
        flow = {
          ...out,
          taint: [...out.taint, ...(flow?.taint ?? [])],
          opaque: out.opaque === true || flow?.opaque === true,
        };
      }
      return flow ?? NOTHING;
    }
    case "group":
      return runGroup(context, node, scope, input);
    case "simple":
      return runSimple(context, node, scope, input);
  }
}

function runGroup(
  context: RuleContext,
  node: Extract<Node, { k: "group" }>,
  scope: ShellScope,
  input: Stream | null,
): Stream {
  if (node.define !== undefined) {
    scope.functions.set(node.define, node.body);
    return runList(context, node.body, inner(scope), input);
  }
  const here = node.subshell ? inner(scope) : scope;
  const given = redirect(context, node.redirects, here, input);
  const run = (list: List, at: ShellScope): Stream => runList(context, list, at, given);
  if (node.each !== undefined) {
    const taken = node.each.words === null ? [{ alts: [ANY], taint: scope.args }] : fields(node.each.words, here, run);
    for (const one of taken) assign(here, node.each.name, one);
  }
  const first = runList(context, node.body, here, given);
  return node.loop ? joinStreams([runList(context, node.body, here, given), first]) : first;
}

function runSimple(
  context: RuleContext,
  node: Extract<Node, { k: "simple" }>,
  scope: ShellScope,
  input: Stream | null,
): Stream {
  const run = (list: List, at: ShellScope): Stream => runList(context, list, at, input);
  for (const { name, value, index } of node.sets) {
    if (index !== undefined) evaluateSum(textValue(index, scope, run), scope);
    const text = textValue(value, scope, run);
    assign(scope, name, text);
    if (RUN_BY_OTHERS.test(name)) context.perhaps(text, inner(scope));
  }
  const given = redirect(context, node.redirects, scope, input);
  // Bash neither splits nor expands the words of `[[`.
  const whole = plainText(node.words[0] ?? []) === "[[";
  const words = whole ? node.words.map((word) => textValue(word, scope, run)) : fields(node.words, scope, run);
  const out = words.length === 0 ? NOTHING : context.run(words, scope, given);
  for (const { op, target } of node.redirects) {
    if (/^(?:&?>>?|>\|)$/.test(op)) for (const file of fields([target], scope, run)) remember(scope, file, out.text);
  }
  return out;
}

/** Checks where the output goes, and finds what comes in. */
function redirect(
  context: RuleContext,
  list: readonly Redirect[],
  scope: ShellScope,
  input: Stream | null,
): Stream | null {
  const run = (inside: List, at: ShellScope): Stream => runList(context, inside, at, input);
  return list.reduce((given, one) => through(one, { context, scope, run }) ?? given, input);
}

/** One redirection: what comes in by it, null when nothing does. */
function through(
  { op, target, body }: Redirect,
  { context, scope, run }: { readonly context: RuleContext; readonly scope: ShellScope; readonly run: RunList },
): Stream | null {
  if (op.startsWith("<<")) {
    const { alts, taint, opaque } = textValue(op === "<<<" ? target : (body ?? []), scope, run);
    const sure = alts.length === 1 && !alts[0]?.startsWith(ANY);
    return { text: sure ? `${alts[0]}\n` : null, taint: [...taint, ...alts], opaque: opaque === true };
  }
  const files = fields([target], scope, run);
  if (op === "<" || op === "<&") {
    for (const file of files) context.reads(file, scope);
    return {
      text: null,
      taint: files.flatMap((one) => [...one.taint, ...one.alts]),
      opaque: files.some((one) => one.opaque),
    };
  }
  for (const file of files) {
    if (op !== ">&" || !file.alts.every((text) => /^(?:\d+-?|-)$/.test(text))) context.touch(file, scope);
  }
  return null;
}

/** A command whose name and arguments are values. */
function runWords(context: RuleContext, words: readonly Value[], scope: ShellScope, input: Stream | null): Stream {
  const [head, ...args] = words;
  if (head === undefined) return NOTHING;
  if (!head.alts.some((alt) => TASKS.test(alt))) for (const arg of args) context.reads(arg, scope);
  const texts = words.flatMap((word) => [...word.alts, ...word.taint]);
  const out: Stream[] = head.alts.map((alt) => {
    const name = alt.slice(alt.lastIndexOf("/") + 1);
    const call: Call = { name, args, scope, input };
    const body = scope.functions.get(name);
    if (body !== undefined) {
      scope.args.push(...texts);
      return deeper(scope, (at) => runList(context, body, at, input));
    }
    checkForbidden({ ...call, name: alt }, context);
    if (isWild(name)) for (const arg of args) context.touch(arg, scope, true);
    const unaliased = runAlias(call, context);
    if (unaliased !== null) return unaliased;
    checkBuiltin(call, context);
    const known = RULES.get(name) ?? RULES.get("");
    if (!RULES.has(name) && alt.includes("/")) RULES.get("./")?.({ ...call, name: alt }, context);
    return known?.(call, context) ?? { text: null, taint: texts, opaque: words.some((word) => word.opaque) };
  });
  // `"$@"`, `"${list[@]}"`: the command itself may be among what the word is made of.
  const made = head.alts.length > 1 ? head.alts : isWild(head.alts[0] ?? "") ? head.taint : [];
  for (const text of made) checkForbidden({ name: text, args, scope, input }, context);
  if (made.length > 0 && scope.depth < MAX_DEPTH) {
    const given = [...made.map((text) => ({ alts: [text], taint: [] })), ...args];
    RULES.get("env")?.({ name: "env", args: given, scope: { ...inner(scope) }, input }, context);
  }
  return joinStreams(out);
}
