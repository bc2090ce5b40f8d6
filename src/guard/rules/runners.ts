// Commands that run other commands: wrappers, shells, interpreters, find and xargs.

import { ANY, absolute, namePattern, throughDescriptor } from "../pattern.ts";
import { inner, type ShellScope, type Stream, type Value, value } from "../scope.ts";
import { forbiddenAt } from "./forbidden.ts";
import { AWKS, awk, INTERPRETERS, interprets } from "./interpreters.ts";
import { type Call, has, optionValues, type Rule, type RuleContext, split } from "./rule.ts";

const WRAPPERS =
  "sudo doas env nohup time command builtin exec nice ionice chrt stdbuf setsid timeout gtimeout npx bunx pnpx pnpm npm yarn watch flock strace ltrace script unshare nsenter chroot busybox toybox poetry pipenv pdm hatch rye uv uvx pipx bundle caffeinate eatmydata fakeroot direnv mise asdf nix-shell tmux screen concurrently nodemon entr watchexec hyperfine su runuser systemd-run firejail proxychains parallel trap alias if then else do";
const SHELLS = "sh bash dash zsh ksh ash mksh fish rbash";
/** The input of a command, as a file. */
const STDIN = /^\/(?:dev\/(?:stdin|fd\/0)|proc\/(?:self|thread-self)\/fd\/0)$/;
type ValueLookup = (name: string) => Rule | undefined;

function baseName(text: string): string {
  return text.slice(text.lastIndexOf("/") + 1);
}

/** Tries every argument that names a command we have a rule for as the start of one. */
const wraps =
  (lookup: ValueLookup): Rule =>
  (call, context) => {
    const { args, name } = call;
    const scope = name === "command" || name === "builtin" || name === "time" ? call.scope : inner(call.scope);
    const moved = name === "env" ? optionValues(args, /^-C$/, /^--chdir$/) : [];
    if (moved.length > 0) {
      scope.cwds = [
        ...scope.cwds,
        ...moved.flatMap((one) => one.alts.flatMap((alt) => scope.cwds.map((cwd) => absolute(alt, cwd)))),
      ];
    }
    const out: Stream[] = [];
    const barred = forbiddenAt(call);
    const skips = name === "command" && args.some((one) => one.alts.some((text) => /^-[vV]/.test(text)));
    if (barred >= 0 && !skips) context.run(args.slice(barred), scope, call.input);
    args.forEach((one, at) => {
      const text = one.alts.map((alt) => alt.replace(/^(?:[A-Za-z_][\w-]*=|-S)/, ""));
      if (text.some((alt) => /\s/.test(alt))) context.perhaps({ ...one, alts: text }, inner(scope), call.input);
      else if (!skips && one.alts.some((alt) => baseName(alt) !== "" && lookup(baseName(alt)) !== undefined)) {
        if (at === 0 || !wrapperAfterPackageVerb(args, at)) out.push(context.run(args.slice(at), scope, call.input));
      }
    });
    lookup("")?.(call, context);
    return out[0];
  };

/** `npm install rimraf`, `pnpm add patch`: names of packages, not commands. */
function wrapperAfterPackageVerb(args: readonly Value[], at: number): boolean {
  return args
    .slice(0, at)
    .some((one) =>
      one.alts.some((text) =>
        /^(?:i|install|add|remove|uninstall|update|upgrade|info|view|why|outdated|link|ci|config)$/.test(text),
      ),
    );
}

/** A file's text: as this very command wrote it, else as it lies on the disk. `ours`: the former. */
function textOf(
  path: string,
  call: Call,
  context: RuleContext,
): { readonly text: string; readonly own: boolean } | null {
  const written = call.scope.files.get(path);
  if (written === null) context.denyUnknown(`what ${path} will hold when it is run`, [], call.scope);
  if (written !== undefined) return { text: written ?? "", own: true };
  const text = context.paths.disk.read(path);
  return text === null || text.includes("\0") ? null : { text, own: false };
}

/** Reads a shell script: of one that lies on the disk only what is certain counts. */
function script(file: Value, call: Call, context: RuleContext, test = (_: string): boolean => true): void {
  for (const path of file.alts.flatMap((alt) => call.scope.cwds.map((cwd) => absolute(alt, cwd)))) {
    const found = textOf(path, call, context);
    if (found === null || !test(found.text)) continue;
    context.shell(value(found.text), { ...inner(call.scope), bestEffort: call.scope.bestEffort || !found.own });
  }
}

/** A file run by its path: a shell script when it says so or nothing else. */
const runsFile: Rule = (call, context) => {
  call.scope.args.push(...call.args.flatMap((one) => [...one.alts, ...one.taint]));
  script(value(call.name), call, context, (text) => !text.startsWith("#!") || /^#!.*\b(?:ba|da|z|k)?sh\b/.test(text));
  return undefined;
};

const shells: Rule = (call, context) => {
  const { args, input } = call;
  const scope = inner(call.scope);
  const coded = args.findIndex((one) => one.alts.some((text) => /^-[a-zA-Z]*c$/.test(text)));
  if (coded >= 0) {
    const [text, ...rest] = args.slice(coded + 1).filter((one) => !one.alts.every((alt) => /^[-+]/.test(alt)));
    scope.args.push(...rest.flatMap((one) => [...one.alts, ...one.taint]));
    if (text === undefined) return undefined;
    return call.name === "fish" ? context.perhaps(text, scope, input) : context.shell(text, scope, input);
  }
  const { operands, options } = split(args, /^[-+]?-?(?:o|O|rcfile|init-file)$/);
  const [file, ...rest] = operands;
  const fromInput = file?.alts.some((text) => text === "-" || STDIN.test(text)) === true;
  const reads = fromInput || has(options, /^-[a-zA-Z]*s/);
  scope.args.push(...(reads && !fromInput ? operands : rest).flatMap((one) => one.alts));
  if (file !== undefined && !reads) {
    descriptor(file, scope, context);
    script(file, call, context);
  } else if (input !== null) feed(input, call, context);
  return undefined;
};

/** A script behind a descriptor: what flows in there is not known, or is what a substitution prints. */
function descriptor(file: Value, scope: ShellScope, context: RuleContext): void {
  if (!file.alts.some((text) => /^\/(?:dev|proc)\//.test(text))) return;
  const unknown = file.opaque === true || file.alts.some(throughDescriptor);
  context.denyUnknown("what the shell is given to run", [...file.taint, ...(unknown ? [ANY] : [])], scope);
}

/** A shell reads its commands from what flows in. */
function feed(input: Stream, call: Call, context: RuleContext, scope: ShellScope = inner(call.scope)): void {
  if (input.text !== null || input.opaque === true) {
    context.shell(
      { alts: [input.text ?? ANY], taint: input.taint, opaque: input.text === null && input.opaque === true },
      scope,
    );
  } else context.denyUnknown("what the shell is given to run", input.taint, call.scope);
}

const evaluates: Rule = (call, context) => {
  const alts = call.args.reduce<string[]>(
    (out, one) => out.flatMap((left) => one.alts.map((alt) => `${left}${alt} `)).slice(0, 64),
    [""],
  );
  const taint = call.args.flatMap((one) => one.taint);
  return context.shell({ alts, taint, opaque: call.args.some((one) => one.opaque) }, call.scope, call.input);
};

const sources: Rule = (call, context) => {
  const [file, ...rest] = call.args;
  call.scope.args.push(...rest.flatMap((one) => one.alts));
  if (file === undefined) return undefined;
  if (file.alts.some((text) => STDIN.test(text))) {
    if (call.input !== null) feed(call.input, call, context, call.scope);
    return undefined;
  }
  descriptor(file, call.scope, context);
  script(file, call, context);
  return undefined;
};

/** The one test on names that limits what find finds; null when there is none or more than that. */
function nameTest(args: readonly Value[]): string | null {
  const texts = args.map((one) => one.alts[0] ?? "");
  if (texts.some((text) => /^(?:!|-not|-o|-or|\(|-path|-ipath|-wholename|-regex)$/.test(text))) return null;
  const at = texts.findIndex((text) => /^-i?name$/.test(text));
  return at < 0 ? null : namePattern(texts[at + 1] ?? "");
}

const find: Rule = (call, context) => {
  const { args, scope } = call;
  const rest = args.findIndex((one) => one.alts.some((text) => /^[-(!]/.test(text) && !/^-[HLP]$/.test(text)));
  const roots = args
    .slice(0, rest < 0 ? undefined : rest)
    .filter((one) => !one.alts.some((text) => /^-[HLP]$/.test(text)));
  const tests = rest < 0 ? [] : args.slice(rest);
  const name = nameTest(tests);
  const places = (roots.length > 0 ? roots : [value(".")]).flatMap((one) => one.alts);
  const hits = places
    .flatMap((one) => scope.cwds.map((cwd) => context.paths.search(one, cwd, name)))
    .filter((one) => one !== null);
  tests.forEach((one, at) => {
    const text = one.alts[0] ?? "";
    if (text === "-delete") for (const hit of hits) context.touch(value(hit), scope);
    if (/^-(?:fprint0?|fprintf|fls)$/.test(text) && tests[at + 1] !== undefined)
      context.touch(tests[at + 1] ?? one, scope);
    if (/^-(?:exec|ok)(?:dir)?$/.test(text)) executes(tests.slice(at + 1), [...hits, ...places], call, context);
  });
  return { text: null, taint: [...args.flatMap((one) => [...one.alts, ...one.taint]), ...hits] };
};

/** The command of an -exec, once for each path that may stand for `{}`. */
function executes(args: readonly Value[], paths: readonly string[], call: Call, context: RuleContext): void {
  const end = args.findIndex((one) => one.alts.some((text) => text === ";" || text === "+"));
  const command = args.slice(0, end < 0 ? undefined : end);
  for (const path of paths) {
    const filled = command.map((one) => ({ ...one, alts: one.alts.map((text) => text.replaceAll("{}", path)) }));
    context.run(filled, inner(call.scope), null);
  }
}

const fd: Rule = (call, context) => {
  const { args, scope } = call;
  const at = args.findIndex((one) => one.alts.some((text) => /^(?:-x|-X|--exec|--exec-batch)$/.test(text)));
  const roots = split(args.slice(0, at < 0 ? undefined : at))
    .operands.slice(1)
    .flatMap((one) => one.alts);
  const places = roots.length > 0 ? roots : ["."];
  const hits = places
    .flatMap((one) => scope.cwds.map((cwd) => context.paths.search(one, cwd, null)))
    .filter((one) => one !== null);
  if (at >= 0) {
    const command = args.slice(at + 1);
    const given = command.some((one) => one.alts.some((text) => text.includes("{}")))
      ? command
      : [...command, value("{}")];
    executes(given, hits, call, context);
  }
  return { text: null, taint: [...args.flatMap((one) => one.alts), ...hits] };
};

/** xargs: the command gets what flows in. */
const xargs =
  (lookup: ValueLookup): Rule =>
  (call, context) => {
    const { args, input } = call;
    const barred = forbiddenAt(call);
    const known = args.findIndex((one) =>
      one.alts.some((text) => lookup(baseName(text)) !== undefined && !text.startsWith("-")),
    );
    const at = barred < 0 ? known : barred;
    if (at < 0) return undefined;
    const words = input?.text?.split(/[\s'"]+/).filter((text) => text !== "") ?? [];
    const given: Value = {
      alts: [ANY, ...words],
      taint: [...(input?.taint ?? []), ...words],
      opaque: input?.opaque === true,
    };
    const mark = optionValues(args.slice(0, at), /^-[IJi]$/, /^--replace$/)[0]?.alts[0] ?? "{}";
    const command = args
      .slice(at)
      .map((one) =>
        one.alts.some((text) => text.includes(mark))
          ? { ...given, alts: given.alts.map((text) => (one.alts[0] ?? "").replaceAll(mark, text)) }
          : one,
      );
    return context.run([...command, given], inner(call.scope), null);
  };

/** Rules by name; `lookup` finds any rule, these included. */
export function RUNNERS(lookup: ValueLookup): readonly (readonly [string, Rule])[] {
  const wrap = wraps(lookup);
  const spread = (names: string, rule: Rule): (readonly [string, Rule])[] =>
    names.split(" ").map((name) => [name, rule] as const);
  return [
    ...spread(WRAPPERS, wrap),
    ...spread(SHELLS, shells),
    ...spread(INTERPRETERS, interprets),
    ...spread(AWKS, awk),
    ...spread("at batch", (call, context) => {
      if (call.input !== null) feed(call.input, call, context);
      return undefined;
    }),
    ["eval", evaluates],
    ["./", runsFile],
    [
      "bun",
      (call, context) => {
        interprets({ ...call, input: null }, context);
        return wrap(call, context);
      },
    ],
    [".", sources],
    ["source", sources],
    ["find", find],
    ["fd", fd],
    ["fdfind", fd],
    ["xargs", xargs(lookup)],
  ];
}
