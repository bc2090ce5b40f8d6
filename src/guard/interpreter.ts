// Walks a parsed script command by command and refuses what would write where the agent may not.
import { judgeBuiltin, RUN_BY_OTHERS, runAlias } from "./builtins.ts";
import { evaluateSum } from "./evaluated.ts";
import type { PathPolicy } from "./path-matcher.ts";
import { ANY, isWild, throughDescriptor } from "./pattern.ts";
import { Denied, type Place, type Policy } from "./policy.ts";
import { RULES } from "./rules/commands.ts";
import { judgeForbidden } from "./rules/forbidden.ts";
import type { Call, RuleContext } from "./rules/rule.ts";
import {
  assign,
  fields,
  inner,
  type RunList,
  remember,
  type Scope,
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

function readable(pattern: string): string {
  return pattern.replace(/[\u0001-\u0003]/g, "*");
}

function joinStreams(streams: readonly Stream[]): Stream {
  const known = streams.every((one) => one.text !== null);
  return {
    text: known && streams.length > 0 ? streams.map((one) => one.text).join("") : null,
    taint: streams.flatMap((one) => one.taint),
    hidden: streams.some((one) => one.hidden),
  };
}

/** Refuses the command text when something in it would write to a forbidden place. */
export function judgeScript(text: string, cwd: string, paths: PathPolicy, policy: Policy): void {
  const judge = makeJudge(paths, policy);
  const scope: Scope = {
    cwds: [cwd],
    old: [cwd],
    vars: new Map(),
    functions: new Map(),
    args: [],
    op: ";",
    depth: 0,
    soft: false,
    home: paths.disk.home,
    ambient: [],
    files: new Map(),
    evaluation: { used: false },
    aliases: new Map(),
  };
  judge.shell({ alts: [text], taint: [] }, scope);
  // What comes late in a loop or a function may reach back: once more with all that is known now.
  if (/\b(?:while|until|for|select)\b|\(\s*\)|\bfunction\b/.test(text))
    judge.shell({ alts: [text], taint: [] }, { ...scope, cwds: [cwd] });
}

function makeJudge(paths: PathPolicy, policy: Policy): RuleContext {
  const refuse = (place: Place, shown: string): never => {
    throw new Denied(because(policy, place, readable(shown)));
  };
  const each = (target: Value, scope: Scope, test: (alt: string, cwd: string) => Place | null): void => {
    for (const alt of target.alts) {
      for (const cwd of scope.cwds) {
        const place = test(alt, cwd);
        if (place !== null) refuse(place, alt);
      }
    }
  };
  const judge: RuleContext = {
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
      const through = scope.soft ? undefined : target.alts.find(throughDescriptor);
      if (through !== undefined) throw new Denied(`cannot tell which file ${through} is: write its path`);
      if (scope.soft || !target.alts.some((alt) => alt.includes(ANY))) return;
      const texts = target.hidden === true ? null : target.taint;
      each(target, scope, (alt, cwd) => (alt.includes(ANY) ? paths.tainted(alt, cwd, texts) : null));
    },
    settings: (target, scope) =>
      each(target, scope, (alt, cwd) => {
        const place = paths.touch(alt, cwd);
        return place?.own === "settings" ? place : null;
      }),
    denyUnknown: (what, texts, scope) => {
      if (scope.soft) return;
      if (texts.includes(ANY)) throw new Denied(`cannot tell ${what}: write it plainly`);
      for (const text of texts) {
        const place = paths.names(text, scope.cwds[0] ?? "/");
        if (place !== null) throw new Denied(`cannot tell ${what}; ${because(policy, place, readable(text))}`);
      }
    },
    forbid: (command, why) => {
      throw new Denied(`${policy.agent} may not run ${readable(command)}: ${why}`);
    },
    run: (words, scope, input) => runWords(judge, words, scope, input),
    shell: (text, scope, input = null) => runText(judge, text, scope, { input, sure: true }),
    perhaps: (text, scope, input = null) => runText(judge, text, scope, { input, sure: false }),
  };
  return judge;
}

const OWN_RULE: Readonly<Record<NonNullable<Place["own"]>, (glob: string) => string>> = {
  settings: (glob) => `${glob} is kept by rollcall alone`,
  record: (glob) => `${glob} is kept by rollcall alone`,
  spec: (glob) => `${glob} is closed to every agent`,
};

/** Why the agent may not write there, and whom to ask. */
export function because(policy: Policy, place: Place, shown: string, verb = "write"): string {
  const whose = place.owner === undefined ? "is closed to it" : `belongs to ${place.owner}`;
  const rule = place.own === undefined ? `${place.glob} ${whose}` : OWN_RULE[place.own](place.glob);
  return `${policy.agent} may not ${verb} ${shown}: ${rule}; ask ${place.ask}`;
}

interface TextUse {
  readonly input: Stream | null;
  /** A shell runs the text, no doubt. */
  readonly sure: boolean;
}

function runText(judge: RuleContext, text: Value, scope: Scope, { input, sure }: TextUse): Stream {
  if (scope.depth > MAX_DEPTH) throw new Denied("commands nested too deeply");
  if (text.hidden === true) throw new Denied("cannot tell what the shell is given to run: write it plainly");
  const out = text.alts.map((one) => {
    if (one.startsWith(ANY)) judge.denyUnknown("what the shell is given to run", text.taint, scope);
    try {
      const list = parse(one);
      const ambient = [...scope.ambient, ...text.taint];
      return deeper({ ...scope, ambient }, (at) => runList(judge, list, at, input), scope);
    } catch (error) {
      if (!(error instanceof Unparsable)) throw error;
      if (sure && !scope.soft)
        throw new Denied(`cannot read this command as bash would (${error.message}): write it in a simpler way`);
      judge.denyUnknown(`what the shell makes of this (${error.message})`, one.split(/[\s"'=;|&()<>]+/), scope);
      return NOTHING;
    }
  });
  return joinStreams(out);
}

/** One level down in the same shell: folders entered there stay entered. */
function deeper(scope: Scope, run: (at: Scope) => Stream, outer: Scope = scope): Stream {
  const at: Scope = { ...scope, depth: scope.depth + 1 };
  const out = run(at);
  outer.cwds = at.cwds;
  outer.old = at.old;
  return out;
}

function runList(judge: RuleContext, list: List, scope: Scope, input: Stream | null): Stream {
  return joinStreams(
    list.map(({ node, op }) => {
      scope.op = op;
      return runNode(judge, node, op === "&" ? inner(scope) : scope, input);
    }),
  );
}

function runNode(judge: RuleContext, node: Node, scope: Scope, input: Stream | null): Stream {
  if (scope.depth > MAX_DEPTH) throw new Denied("commands nested too deeply");
  switch (node.k) {
    case "pipe": {
      let flow = input;
      for (const step of node.steps) {
        const out = runNode(judge, step, inner(scope), flow);
        flow = {
          ...out,
          taint: [...out.taint, ...(flow?.taint ?? [])],
          hidden: out.hidden === true || flow?.hidden === true,
        };
      }
      return flow ?? NOTHING;
    }
    case "group":
      return runGroup(judge, node, scope, input);
    case "simple":
      return runSimple(judge, node, scope, input);
  }
}

function runGroup(judge: RuleContext, node: Extract<Node, { k: "group" }>, scope: Scope, input: Stream | null): Stream {
  if (node.define !== undefined) {
    scope.functions.set(node.define, node.body);
    return runList(judge, node.body, inner(scope), input);
  }
  const here = node.subshell ? inner(scope) : scope;
  const given = redirect(judge, node.redirects, here, input);
  const run = (list: List, at: Scope): Stream => runList(judge, list, at, given);
  if (node.each !== undefined) {
    const taken = node.each.words === null ? [{ alts: [ANY], taint: scope.args }] : fields(node.each.words, here, run);
    for (const one of taken) assign(here, node.each.name, one);
  }
  const first = runList(judge, node.body, here, given);
  return node.loop ? joinStreams([runList(judge, node.body, here, given), first]) : first;
}

function runSimple(
  judge: RuleContext,
  node: Extract<Node, { k: "simple" }>,
  scope: Scope,
  input: Stream | null,
): Stream {
  const run = (list: List, at: Scope): Stream => runList(judge, list, at, input);
  for (const { name, value, index } of node.sets) {
    if (index !== undefined) evaluateSum(textValue(index, scope, run), scope);
    const text = textValue(value, scope, run);
    assign(scope, name, text);
    if (RUN_BY_OTHERS.test(name)) judge.perhaps(text, inner(scope));
  }
  const given = redirect(judge, node.redirects, scope, input);
  // Bash neither splits nor expands the words of `[[`.
  const whole = plainText(node.words[0] ?? []) === "[[";
  const words = whole ? node.words.map((word) => textValue(word, scope, run)) : fields(node.words, scope, run);
  const out = words.length === 0 ? NOTHING : judge.run(words, scope, given);
  for (const { op, target } of node.redirects) {
    if (/^(?:&?>>?|>\|)$/.test(op)) for (const file of fields([target], scope, run)) remember(scope, file, out.text);
  }
  return out;
}

/** Checks where the output goes, and finds what comes in. */
function redirect(judge: RuleContext, list: readonly Redirect[], scope: Scope, input: Stream | null): Stream | null {
  const run = (inside: List, at: Scope): Stream => runList(judge, inside, at, input);
  return list.reduce((given, one) => through(one, { judge, scope, run }) ?? given, input);
}

/** One redirection: what comes in by it, null when nothing does. */
function through(
  { op, target, body }: Redirect,
  { judge, scope, run }: { readonly judge: RuleContext; readonly scope: Scope; readonly run: RunList },
): Stream | null {
  if (op.startsWith("<<")) {
    const { alts, taint, hidden } = textValue(op === "<<<" ? target : (body ?? []), scope, run);
    const sure = alts.length === 1 && !alts[0]?.startsWith(ANY);
    return { text: sure ? `${alts[0]}\n` : null, taint: [...taint, ...alts], hidden: hidden === true };
  }
  const files = fields([target], scope, run);
  if (op === "<" || op === "<&") {
    for (const file of files) judge.reads(file, scope);
    return {
      text: null,
      taint: files.flatMap((one) => [...one.taint, ...one.alts]),
      hidden: files.some((one) => one.hidden),
    };
  }
  for (const file of files) {
    if (op !== ">&" || !file.alts.every((text) => /^(?:\d+-?|-)$/.test(text))) judge.touch(file, scope);
  }
  return null;
}

/** A command whose name and arguments are values. */
function runWords(judge: RuleContext, words: readonly Value[], scope: Scope, input: Stream | null): Stream {
  const [head, ...args] = words;
  if (head === undefined) return NOTHING;
  if (!head.alts.some((alt) => TASKS.test(alt))) for (const arg of args) judge.reads(arg, scope);
  const texts = words.flatMap((word) => [...word.alts, ...word.taint]);
  const out: Stream[] = head.alts.map((alt) => {
    const name = alt.slice(alt.lastIndexOf("/") + 1);
    const call: Call = { name, args, scope, input };
    const body = scope.functions.get(name);
    if (body !== undefined) {
      scope.args.push(...texts);
      return deeper(scope, (at) => runList(judge, body, at, input));
    }
    judgeForbidden({ ...call, name: alt }, judge);
    if (isWild(name)) for (const arg of args) judge.touch(arg, scope, true);
    const unaliased = runAlias(call, judge);
    if (unaliased !== null) return unaliased;
    judgeBuiltin(call, judge);
    const known = RULES.get(name) ?? RULES.get("");
    if (!RULES.has(name) && alt.includes("/")) RULES.get("./")?.({ ...call, name: alt }, judge);
    return known?.(call, judge) ?? { text: null, taint: texts, hidden: words.some((word) => word.hidden) };
  });
  // `"$@"`, `"${list[@]}"`: the command itself may be among what the word is made of.
  const made = head.alts.length > 1 ? head.alts : isWild(head.alts[0] ?? "") ? head.taint : [];
  for (const text of made) judgeForbidden({ name: text, args, scope, input }, judge);
  if (made.length > 0 && scope.depth < MAX_DEPTH) {
    const given = [...made.map((text) => ({ alts: [text], taint: [] })), ...args];
    RULES.get("env")?.({ name: "env", args: given, scope: { ...inner(scope) }, input }, judge);
  }
  return joinStreams(out);
}
