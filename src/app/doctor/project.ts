// Checks of the project: is it found, can its spec be read, do its folders lie as they should, and what git makes of them.
import { posix } from "node:path";
import { type Diagnostic, isError } from "../../model/diagnostic.ts";
import { SpecError } from "../../model/errors.ts";
import { type CheckResult, counted, error, firstOf, info, ok, require, skipped, warning } from "./check-result.ts";
import { type DoctorContext, foldersOf } from "./context.ts";

export function projectRoot({ config, caller }: Pick<DoctorContext, "config" | "caller">): CheckResult {
  const { found, folders } = require(config, "the configuration cannot be read");
  if (found) return ok(folders.root);
  return error(
    `no fleet project in ${caller.cwd} or above it`,
    "change to the project, name it with --chdir, or make one: rollcall init",
  );
}

export function configuration({ config }: Pick<DoctorContext, "config">): CheckResult {
  if ("failed" in config) {
    const { failed } = config;
    const details = failed instanceof SpecError ? lines(failed.diagnostics) : [messageOf(failed)];
    return error("the configuration is not valid", "mend rollcall.config.yaml at the places named", details);
  }
  const { file, layout, warnings } = config.value;
  if (warnings.length > 0) return warning("the configuration has oddities", "see what each line says", lines(warnings));
  return ok(`${file ?? "no file: the defaults"}, ${layout} layout`);
}

const messageOf = (failed: unknown): string => (failed instanceof Error ? failed.message : String(failed));

/** Diagnostics as details, one line each. */
export function lines(list: readonly Diagnostic[]): string[] {
  return firstOf(
    list.map(
      ({ file, line, col, code, message }) => `${file === "" ? "" : `${file}:${line}:${col} `}${code} ${message}`,
    ),
  );
}

const ofTemplates = ({ code }: Diagnostic): boolean => /^[EW]2/.test(code);
/** An assumed TEF_ROOT is told by the check of the recorded environment. */
export const ASSUMED_TEF_ROOT = "W154";

function readable({ compiled }: Pick<DoctorContext, "compiled">): readonly Diagnostic[] {
  const { diagnostics, fleet } = require(compiled, "the spec cannot be read");
  return [...diagnostics, ...(fleet?.warnings ?? [])];
}

export function spec(context: DoctorContext): CheckResult {
  const found = readable(context).filter((one) => !ofTemplates(one) && one.code !== ASSUMED_TEF_ROOT);
  const unique = [...new Map(found.map((one) => [`${one.file}:${one.line}:${one.col}:${one.code}`, one])).values()];
  const errors = unique.filter(isError);
  if (errors.length > 0) {
    const remedy = "mend the places named (rollcall validate shows them with their lines)";
    return error(counted(errors.length, "error"), remedy, lines(errors));
  }
  if (unique.length > 0)
    return warning(counted(unique.length, "warning"), "see each: rollcall explain CODE", lines(unique));
  const { fleet } = require(context.compiled, "the spec cannot be read");
  return ok(fleet ? `${counted(fleet.agents.length, "agent")} in ${fleet.name}` : "read");
}

export function templates(context: DoctorContext): CheckResult {
  const all = readable(context);
  const found = all.filter(ofTemplates);
  const errors = found.filter(isError);
  if (errors.length > 0)
    return error(counted(errors.length, "error"), "mend the templates at the places named", lines(errors));
  if (all.some(isError)) return skipped("templates are rendered only from a valid spec");
  if (found.length > 0)
    return warning(counted(found.length, "warning"), "see each: rollcall explain CODE", lines(found));
  return ok("all render");
}

export function agentsFolder(context: DoctorContext): CheckResult {
  const { agents } = foldersOf(context);
  const found = context.reader.files.folder(agents);
  switch (found.state) {
    case "absent":
      return info(`${agents} is not there yet`, "rollcall apply makes it");
    case "refused":
      return error(found.message, "make it a real folder of your own that others cannot write to (chmod o-w)");
    case "folder":
      return ok(agents);
  }
}

export function stateFolder({ machine, reader, ...context }: DoctorContext): CheckResult {
  const { state } = foldersOf(context);
  const facts = reader.files.facts(state);
  if (facts === null) return info(`${state} is not there yet`, "the first rollcall apply makes it");
  if (facts.type !== "folder") return error(`${state} is a ${facts.type}`, "put a real folder in its place");
  if (facts.uid !== machine.uid)
    return error(`${state} belongs to another user (uid ${facts.uid})`, `chown it to the user who runs the fleet`);
  if ((facts.mode & 0o022) !== 0)
    return error(`${state} is writable by others (mode ${facts.mode.toString(8)})`, `chmod 700 ${state}`);
  if ((facts.mode & 0o077) !== 0)
    return warning(`${state} can be read by others (mode ${facts.mode.toString(8)})`, `chmod 700 ${state}`);
  return ok(`${state}, for its owner only`);
}

async function git({ reader, caller }: DoctorContext, root: string, words: readonly string[]) {
  const { PATH = "", HOME = "" } = caller.env;
  return reader.exec.query(["git", "-C", root, ...words], { env: { PATH, HOME }, cwd: "/" });
}

/** A sentence when git has nothing to say here. */
async function noGit(context: DoctorContext, root: string): Promise<CheckResult | null> {
  const inside = await git(context, root, ["rev-parse", "--is-inside-work-tree"]);
  if (inside.missing) return skipped("git is not installed");
  return inside.code === 0 ? null : skipped("the project is in no git repository");
}

/** Machine-local files in a commit would say what another machine did. */
export async function gitIgnore(context: DoctorContext): Promise<CheckResult> {
  const { root, agents, state } = foldersOf(context);
  const none = await noGit(context, root);
  if (none) return none;
  const samples = [
    [`${state}/ledger.json`, `${posix.relative(root, state)}/*`],
    [`${agents}/any/.claude/settings.local.json`, `${posix.relative(root, agents)}/**/*.local.*`],
    [`${agents}/any/.claude/.settings.json.rollcall-1`, `${posix.relative(root, agents)}/**/.*.rollcall-*`],
  ] as const;
  const within = samples.filter(([path]) => path.startsWith(`${root}/`));
  const asked = await git(context, root, ["check-ignore", "--no-index", "--", ...within.map(([path]) => path)]);
  const ignored = new Set(asked.stdout.split("\n"));
  const open = within.filter(([path]) => !ignored.has(path)).map(([, pattern]) => pattern);
  if (open.length > 0) return warning("git would commit files of this machine", "add these lines to .gitignore", open);
  return ok("state and *.local.* files are ignored");
}

export async function lockFileCommitted(context: DoctorContext): Promise<CheckResult> {
  const { root, agents } = foldersOf(context);
  const none = await noGit(context, root);
  if (none) return none;
  const path = `${agents}/rollcall.lock.json`;
  if (context.reader.files.facts(path) === null) return info("there is no lock file yet", "rollcall apply writes it");
  const tracked = await git(context, root, ["ls-files", "--", path]);
  if (tracked.stdout.trim() === "")
    return warning("the lock file is in no commit: a clone would not know what was applied", `git add ${path}`);
  const changed = await git(context, root, ["status", "--porcelain", "--", agents]);
  const names = changed.stdout.split("\n").filter(Boolean);
  if (names.length > 0)
    return info(
      `${counted(names.length, "change")} below the agents folder are not committed`,
      "commit them",
      firstOf(names),
    );
  return ok("committed, with all it speaks of");
}
