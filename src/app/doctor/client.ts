// Checks of the agents' client: which one, whether it trusts the folders, and what would make it skip the hooks. Reads
// the client's own files, never writes them. The facts about them were measured on the versions named here.
import { posix } from "node:path";
import { createExecReader } from "../../host/process/exec.ts";
import type { Agent } from "../../model/fleet.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { type CheckResult, counted, error, firstOf, info, ok, skipped, warning } from "./check-result.ts";
import { type DoctorContext, fleetIn } from "./context.ts";
import { locate, withSession } from "./sessions.ts";

/** What is said here of the client was measured on these. */
const MEASURED = ["2.1.197", "2.1.330"] as const;
/** The first of them that knows `onFailure`. */
const MINIMUM = "2.1.330";
const MANAGED = "/etc/claude-code/managed-settings.json";
const NO_CLIENT = "no agent's session command is the client";

const isClient = (program: string): boolean => /(?:^|\/)claude(?:\.exe)?$/.test(program);

/** Agents whose session is the client. */
function clients(context: DoctorContext): readonly Agent[] {
  return withSession(fleetIn(context)).filter((agent) => isClient(agent.session.command[0] ?? ""));
}

/** -1, 0, 1 as a version is older than, equal to or newer than another. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  for (const at of [0, 1, 2]) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** What a version of the client means for enforcement. */
export function checkVersion(version: string): CheckResult {
  const measured = MEASURED.join(" and ");
  if (compareVersions(version, MINIMUM) < 0) {
    return warning(
      `${version}: not enforced on hook failure (it does not know onFailure)`,
      `update to ${MINIMUM} or newer: there a hook that is missing or cannot run refuses every call`,
    );
  }
  if (compareVersions(version, MINIMUM) > 0)
    return info(`${version} is newer than what was measured (${measured})`, "rollcall verify --probe proves the hooks");
  return ok(version);
}

export async function clientVersion(context: DoctorContext): Promise<CheckResult> {
  const fleet = fleetIn(context);
  const agents = clients(context);
  if (agents.length === 0) return skipped(NO_CLIENT);
  const paths = new Set(agents.flatMap((one) => locate(one.session.command[0] ?? "", one, { fleet, context }) ?? []));
  const [path] = paths;
  if (path === undefined) return skipped("the client is not installed");
  const env = { PATH: fleet.machine.sessionPath, HOME: context.caller.env["HOME"] ?? "" };
  const asked = await createExecReader({ clients: [path] }).query([path, "--version"], { env, cwd: "/" });
  const version = /\d+\.\d+\.\d+/.exec(asked.stdout)?.[0];
  if (asked.code === 0 && version !== undefined) return checkVersion(version);
  const why = asked.timedOut ? "did not answer within 10 s" : `ended with ${asked.code ?? asked.signal}`;
  return warning(`${path} --version ${why}`, "run it by hand and see what it says");
}

type Settings =
  | { readonly state: "absent" }
  | { readonly state: "broken" }
  | { readonly state: "read"; readonly value: JsonObject };

function readJson({ reader }: DoctorContext, path: string): Settings {
  const found = reader.files.read(path);
  if (found.state === "absent") return { state: "absent" };
  if (found.state === "refused") return { state: "broken" };
  try {
    const value: Json = JSON.parse(found.bytes.toString("utf8").replace(/^\ufeff/, ""));
    return isJsonObject(value) ? { state: "read", value } : { state: "broken" };
  } catch {
    return { state: "broken" };
  }
}

/** `.claude.json` lies in $CLAUDE_CONFIG_DIR, else in the home; user settings in $CLAUDE_CONFIG_DIR, else in ~/.claude. */
function places({ caller }: DoctorContext): { readonly state: string; readonly settings: string } {
  const { CLAUDE_CONFIG_DIR: configured = "", HOME = "" } = caller.env;
  return configured === ""
    ? { state: `${HOME}/.claude.json`, settings: `${HOME}/.claude/settings.json` }
    : { state: `${configured}/.claude.json`, settings: `${configured}/settings.json` };
}

/** Without them the first start of an agent waits in a dialog, and permissions.allow is ignored. */
export function trust(context: DoctorContext): CheckResult {
  const fleet = fleetIn(context);
  const agents = clients(context);
  if (agents.length === 0) return skipped(NO_CLIENT);
  const { state } = places(context);
  const root = fleet.machine.folders.root;
  const remedy = `start the client once in ${root} and answer its questions: an entry for a parent folder covers all agents`;
  const found = readJson(context, state);
  if (found.state === "absent") return warning(`${state} is not there: the client was never started`, remedy);
  if (found.state === "broken") return warning(`${state} cannot be read`, "start the client by hand and see");
  if (found.value["hasCompletedOnboarding"] !== true)
    return warning("the client's onboarding was not completed: every session would wait in it", remedy);
  const projects = isJsonObject(found.value["projects"]) ? found.value["projects"] : {};
  const folders = agents.map((agent) => posix.join(fleet.machine.folders.agents, agent.dir));
  const strange = folders.filter((folder) => !isTrusted(folder, projects));
  if (strange.length === 0) return ok(`${counted(folders.length, "folder")} trusted`);
  const details = firstOf(strange.map((folder) => posix.relative(root, folder)));
  return warning(
    `the client does not trust ${counted(strange.length, "folder")}: it would ask at the start`,
    remedy,
    details,
  );
}

function isTrusted(folder: string, projects: JsonObject): boolean {
  const entry = projects[folder];
  if (isJsonObject(entry) && entry["hasTrustDialogAccepted"] === true) return true;
  const parent = posix.dirname(folder);
  return parent !== folder && isTrusted(parent, projects);
}

const SKIPS = "--dangerously-skip-permissions";

/** As root the client refuses the flag, elsewhere it asks once and its default answer ends the session. */
export function skipPermissions(context: DoctorContext): CheckResult {
  const agents = clients(context).filter(({ session }) => session.command.includes(SKIPS));
  if (agents.length === 0) return ok(`no session is started with ${SKIPS}`);
  const names = firstOf(agents.map((agent) => agent.name));
  const isSandboxed = ({ env, session }: Agent): boolean =>
    (env["IS_SANDBOX"] ?? session.env["IS_SANDBOX"] ?? context.caller.env["IS_SANDBOX"]) === "1";
  if (context.machine.uid === 0 && !agents.every(isSandboxed)) {
    const remedy =
      'run the fleet as another user, take the flag away, or set session.env IS_SANDBOX to "1" in a sandbox';
    return error(`as root the client ends at once when it gets ${SKIPS}`, remedy, names);
  }
  const settings = readJson(context, places(context).settings);
  if (settings.state === "read" && settings.value["skipDangerousModePermissionPrompt"] === true)
    return info("the client asks for no permission; hooks and deny rules still hold", undefined, names);
  const remedy =
    "set skipDangerousModePermissionPrompt to true in the client's user settings, or answer it once by hand";
  return warning("the client warns of that mode at its start, and its default answer is to end", remedy, names);
}

const NO_HOOKS = ["--bare", "--safe-mode", "--restricted"];

/** Words of a session command with which the client runs no hook of the project. */
export function hooklessWords(words: readonly string[]): readonly string[] {
  const sources = words.flatMap((word, at) => {
    if (word === "--setting-sources") return [words[at + 1] ?? ""];
    return word.startsWith("--setting-sources=") ? [word.slice(word.indexOf("=") + 1)] : [];
  });
  const without = sources.filter((list) => !list.split(",").includes("project"));
  return [...words.filter((word) => NO_HOOKS.includes(word)), ...without.map((list) => `--setting-sources ${list}`)];
}

/** What outside the agents' folders can turn the hooks off. */
export function hooksElsewhere(context: DoctorContext): CheckResult {
  const agents = clients(context);
  if (agents.length === 0) return skipped(NO_CLIENT);
  const flags = agents.flatMap(({ name, session }) => hooklessWords(session.command).map((word) => `${name}: ${word}`));
  if (flags.length > 0)
    return error(
      "a session command makes the client skip the hooks",
      "take these words out of session.command",
      firstOf(flags),
    );
  const managed = readJson(context, MANAGED);
  if (
    managed.state === "read" &&
    (managed.value["disableAllHooks"] === true || managed.value["allowManagedHooksOnly"] === true)
  )
    return error(`${MANAGED} turns the agents' hooks off`, "ask whoever administers this machine");
  const { settings } = places(context);
  const user = readJson(context, settings);
  if (user.state === "broken") return info(`${settings} cannot be read: the client ignores it`, "mend it");
  if (user.state === "read" && user.value["disableAllHooks"] === true) {
    const remedy = "take it out: it holds wherever an agent's own settings do not say disableAllHooks: false";
    return warning(`${settings} has disableAllHooks: true`, remedy);
  }
  return ok("nothing outside the agents' folders turns hooks off");
}
