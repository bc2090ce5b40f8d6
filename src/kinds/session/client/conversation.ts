// The conversation of an agent: one UUID, its transcript on disk, and how the client is told to take it up.
import type { Agent } from "../../../model/fleet.ts";
import type { Reader } from "../../../model/world.ts";
import { declaredEnvironment } from "../fingerprint.ts";
import { isReference } from "../launch.ts";
import { readProc } from "../observe/processes.ts";
import type { SessionProps } from "../types.ts";

/** Arguments with which a command decides about its conversation itself; then we add none. */
const OWN_CHOICE = new Set([
  "--session-id",
  "-r",
  "--resume",
  "-c",
  "--continue",
  "--fork-session",
  "-p",
  "--print",
  "--bg",
]);

/** True when we may say which conversation the client opens. */
export function choosesNoConversation(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const options = end < 0 ? words.slice(1) : words.slice(1, end);
  return !options.some((word) => OWN_CHOICE.has(word.split("=")[0] ?? ""));
}

/** The client's words with the conversation: right behind the program, so that a prompt at the end stays one. */
export function withConversation(words: readonly string[], conversation: string, resume: boolean): readonly string[] {
  const [program = "", ...rest] = words;
  return [program, resume ? "--resume" : "--session-id", conversation, ...rest];
}

/** The folder name the client derives from its launch folder: every character that is no letter or digit is `-`. */
export function projectFolder(cwd: string): string {
  return cwd.replaceAll(/[^A-Za-z0-9]/g, "-");
}

/** A variable as the agent's session will have it, when it is a plain value or only passed through. */
function variable(name: string, agent: Agent | undefined, world: Reader): string | undefined {
  const declared = agent ? declaredEnvironment(agent)[name] : undefined;
  return declared === undefined || isReference(declared) ? world.env[name] : declared;
}

/** The client's own folder: $CLAUDE_CONFIG_DIR, else ~/.claude, the home from passwd(5) when HOME is not set. */
export function clientFolder(agent: Agent | undefined, world: Reader): string | null {
  const configured = variable("CLAUDE_CONFIG_DIR", agent, world);
  if (configured !== undefined && configured !== "") return configured;
  const home = variable("HOME", agent, world) ?? homeFromPasswd(world);
  return home === null || home === "" ? null : `${home}/.claude`;
}

function homeFromPasswd(world: Reader): string | null {
  const uid = world.files.facts("/proc/self/stat")?.uid;
  const line = readProc(world.files, "/etc/passwd")
    ?.split("\n")
    .find((one) => one.split(":")[2] === String(uid));
  return line?.split(":")[5] ?? null;
}

/** Whether the client has written a transcript of this conversation, started in the agent's folder. Reads only. */
export function hasTranscript({
  conversation,
  agent,
  props,
  world,
}: {
  readonly conversation: string;
  readonly agent: Agent | undefined;
  readonly props: Pick<SessionProps, "folder">;
  readonly world: Reader;
}): boolean {
  const folder = clientFolder(agent, world);
  const cwd = world.files.real(props.folder) ?? props.folder;
  if (folder === null) return false;
  return world.files.facts(`${folder}/projects/${projectFolder(cwd)}/${conversation}.jsonl`)?.type === "file";
}
