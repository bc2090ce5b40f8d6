// The decision: one tool call in, a reason to refuse it out, or null. Fails towards refusing.
import { checkScript } from "./interpreter.ts";
import { makePathPolicy, type PathPolicy } from "./path-matcher.ts";
import { ANY, STAR } from "./pattern.ts";
import { type ClosedPlace, Denied, type Disk, type GuardPolicy } from "./policy.ts";
import { because } from "./refusal.ts";

/** What the client hands to a PreToolUse hook, as far as it is needed here. */
interface ToolCall {
  readonly tool_name?: unknown;
  readonly tool_input?: unknown;
  readonly cwd?: unknown;
}

export interface Surroundings {
  readonly policy: GuardPolicy;
  /** The real project root. */
  readonly root: string;
  /** The real launch folder, for calls without a cwd. */
  readonly home: string;
  readonly disk: Disk;
}

type Input = Readonly<Record<string, unknown>>;

/** Tools that write the file they are given. */
const FILE_TOOLS: ReadonlySet<string> = new Set(["Write", "Edit", "MultiEdit", "NotebookEdit"]);
const READ_TOOLS: ReadonlySet<string> = new Set(["Read", "NotebookRead", "LS", "Glob", "Grep"]);
const MAX_COMMAND = 1 << 20;

function text(input: Input, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const found = input[key];
    if (typeof found === "string" && found !== "") return found;
  }
  return undefined;
}

function refuseTool(policy: GuardPolicy, tool: string): void {
  const name = tool === "Agent" ? "Task" : tool;
  const allowed = [...policy.tools, ...policy.always].some((one) => {
    const known = one === "Agent" ? "Task" : one;
    return known === name || (known.startsWith("mcp__") && name.startsWith(`${known}__`));
  });
  if (!allowed) throw new Denied(`${policy.agent} has no tool ${tool}; ask ${policy.ask}`);
}

function refuseAgent(policy: GuardPolicy, input: Input): void {
  const asked = text(input, "subagent_type") ?? "an unnamed agent";
  if (policy.delegates.includes(asked)) return;
  const may =
    policy.delegates.length === 0
      ? `delegates to nobody; ask ${policy.ask}`
      : `delegates only to ${policy.delegates.join(", ")}`;
  throw new Denied(`${policy.agent} may not start ${asked}: it ${may}`);
}

/** `~` as the client's file tools read it. */
function path(given: string, disk: Disk): string {
  return /^~(?=\/|$)/.test(given) && disk.home !== "" ? disk.home + given.slice(1) : given;
}

function refusePlace(policy: GuardPolicy, place: ClosedPlace | null, shown: string, verb: "write" | "read"): void {
  if (place === null || (verb === "read" && place.own !== undefined)) return;
  throw new Denied(because(policy, place, shown, verb));
}

function refuseRead(policy: GuardPolicy, tool: string, input: Input, cwd: string, paths: PathPolicy): void {
  if (policy.access !== "all") return;
  const given = path(text(input, "file_path", "notebook_path", "path") ?? ".", paths.disk);
  const pattern = text(input, tool === "Glob" ? "pattern" : "glob");
  const inside = pattern === undefined ? given : `${given}/${pattern.replaceAll("**", ANY).replaceAll("*", STAR)}`;
  const wide = tool === "Grep" || tool === "Glob";
  refusePlace(policy, paths.touch(given, cwd, wide && pattern === undefined), given, "read");
  refusePlace(policy, paths.touch(inside, cwd), pattern ?? given, "read");
}

/** MCP tools that change files: absolute paths among their arguments. */
function refuseRemote(policy: GuardPolicy, tool: string, input: Input, cwd: string, paths: PathPolicy): void {
  if (/^(?:read|get|list|search|stat|info|fetch)/i.test(tool.slice(tool.lastIndexOf("__") + 2))) return;
  for (const given of Object.values(input).flat()) {
    if (typeof given === "string" && given.startsWith("/"))
      refusePlace(policy, paths.touch(given, cwd, true), given, "write");
  }
}

function refuseFile(policy: GuardPolicy, tool: string, input: Input, cwd: string, paths: PathPolicy): void {
  const file = text(
    input,
    ...(tool === "NotebookEdit" ? ["notebook_path", "file_path"] : ["file_path", "notebook_path"]),
  );
  if (file === undefined) throw new Denied(`${tool} without a path`);
  if (file.includes("\0")) throw new Denied("a path with a NUL in it");
  refusePlace(policy, paths.touch(path(file, paths.disk), cwd), file, "write");
}

function refuseCommand(policy: GuardPolicy, input: Input, cwd: string, paths: PathPolicy): void {
  const command = text(input, "command");
  if (command === undefined) throw new Denied("Bash without a command");
  if (command.length > MAX_COMMAND) throw new Denied("a command of more than 1 MiB");
  checkScript(command, cwd, paths, policy);
}

function isRecord(value: unknown): value is Input {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decideCall(call: ToolCall, { policy, root, home, disk }: Surroundings): void {
  const tool = call.tool_name;
  if (typeof tool !== "string" || tool === "") throw new Denied("a call without a tool name");
  refuseTool(policy, tool);
  const input: Input = isRecord(call.tool_input) ? call.tool_input : {};
  const cwd = typeof call.cwd === "string" && call.cwd.startsWith("/") ? call.cwd : home;
  const paths = makePathPolicy(policy, root, disk);
  if (tool === "Agent" || tool === "Task") refuseAgent(policy, input);
  else if (FILE_TOOLS.has(tool)) refuseFile(policy, tool, input, cwd, paths);
  else if (tool === "Bash") refuseCommand(policy, input, cwd, paths);
  else if (READ_TOOLS.has(tool)) refuseRead(policy, tool, input, cwd, paths);
  else if (tool.startsWith("mcp__")) refuseRemote(policy, tool, input, cwd, paths);
}

/** Null when the call may go on, else why not, in one line. */
export function decide(call: unknown, around: Surroundings): string | null {
  try {
    if (typeof call !== "object" || call === null || Array.isArray(call))
      throw new Denied("the call is not a JSON object");
    decideCall(call, around);
    return null;
  } catch (error) {
    const reason = error instanceof Denied ? error.message : `error in the guard: ${String(error)}`;
    return reason.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ").slice(0, 600);
  }
}
