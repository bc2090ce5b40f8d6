// Checks of what sessions need: tmux, its socket, one socket only, and a program to run.
import { posix } from "node:path";
import type { Agent, Fleet } from "../../model/fleet.ts";
import { type CheckResult, counted, error, firstOf, ok, skipped, warning } from "./check-result.ts";
import { type DoctorContext, fleetIn, planIn } from "./context.ts";

const TMUX_NEEDED = [3, 2] as const;
/** `sun_path` of unix(7) holds 108 bytes with its NUL. */
const SOCKET_PATH_LIMIT = 107;

function callEnvironment({ caller }: DoctorContext): Record<string, string> {
  const { PATH = "", HOME = "" } = caller.env;
  return { PATH, HOME };
}

/** Major and minor of `tmux 3.3a`; null for a development version, which counts as new. */
export function tmuxVersion(text: string): readonly [number, number] | null {
  const found = /(\d+)\.(\d+)/.exec(text);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

export async function tmux(context: DoctorContext): Promise<CheckResult> {
  const asked = await context.reader.exec.query(["tmux", "-V"], { env: callEnvironment(context) });
  if (asked.missing) return error("tmux is not installed", "install tmux 3.2 or newer; --files-only works without it");
  const said = asked.stdout.trim();
  const [major, minor] = tmuxVersion(said) ?? TMUX_NEEDED;
  const enough = major > TMUX_NEEDED[0] || (major === TMUX_NEEDED[0] && minor >= TMUX_NEEDED[1]);
  return enough ? ok(said) : error(`${said} is too old`, `install tmux ${TMUX_NEEDED.join(".")} or newer`);
}

/** The spec bounds the name; what stands before it is the machine's. */
export function overlong(path: string): CheckResult | null {
  const length = Buffer.byteLength(path);
  if (length <= SOCKET_PATH_LIMIT) return null;
  const message = `its path has ${length} bytes, ${SOCKET_PATH_LIMIT} are possible: ${path}`;
  return error(message, "give a shorter name: `socket` in rollcall.config.yaml, or TMUX_SOCKET_OVERRIDE");
}

export async function tmuxSocket(context: DoctorContext): Promise<CheckResult> {
  const { socket } = fleetIn(context).machine;
  const path = `${context.reader.files.real("/tmp") ?? "/tmp"}/tmux-${context.machine.uid}/${socket}`;
  const tooLong = overlong(path);
  if (tooLong) return tooLong;
  const words = ["tmux", "-u", "-L", socket, "-f", "/dev/null", "list-sessions", "-F", "#{session_name}"];
  const asked = await context.reader.exec.query(words, { env: callEnvironment(context), timeoutMs: 4_000 });
  if (asked.missing) return skipped("tmux is not installed");
  if (asked.code === 0)
    return lostSocket(context) ?? ok(`${socket}: ${counted(asked.stdout.trim().split("\n").length, "session")}`);
  const lost = lostSocket(context);
  if (lost) return lost;
  if (/no server running|No such file|Connection refused/.test(asked.stderr))
    return ok(`${socket}: no server runs yet`);
  const why = asked.timedOut ? "it does not answer" : asked.stderr.trim().split("\n")[0] || `exit ${asked.code}`;
  return error(`${socket}: ${why}`, `see what is there: tmux -L ${socket} list-sessions; ls -l ${path}`);
}

/** A server of the fleet's that runs without its socket, as the plan knows it. */
function lostSocket({ planned }: DoctorContext): CheckResult | undefined {
  const judged = "value" in planned ? planned.value.judged : [];
  const obstacle = judged.find(({ have }) => have?.obstacle?.why === "lost-socket")?.have?.obstacle;
  return obstacle && error(obstacle.message, obstacle.hint);
}

/** One agent must not run twice: the ledger knows the sockets its sessions were on. */
export function elsewhere(context: DoctorContext): CheckResult {
  const found = planIn(context).judged.flatMap(({ agent, have }) =>
    have?.obstacle?.why === "elsewhere" ? [{ agent, obstacle: have.obstacle }] : [],
  );
  const [first] = found;
  if (!first) return ok("no session of the fleet is on another socket");
  const details = firstOf(found.map(({ agent, obstacle }) => `${agent}: ${obstacle.message}`));
  return error(`${counted(found.length, "agent")} on another socket`, first.obstacle.hint, details);
}

/** Where an agent's program is, on the PATH its session gets; a relative one with a slash counts from its folder. */
export function locate(program: string, agent: Agent, { fleet, context }: { fleet: Fleet; context: DoctorContext }) {
  const own = agent.env["PATH"] ?? agent.session.env["PATH"];
  const path = own === undefined || /^(?:env|file):/.test(own) ? fleet.machine.sessionPath : own;
  const folder = posix.join(fleet.machine.folders.agents, agent.dir);
  const isRelative = program.includes("/") && !program.startsWith("/");
  return program === "" ? null : context.reader.files.find(isRelative ? `${folder}/${program}` : program, path);
}

/** Agents that shall have a session at all. */
export const withSession = (fleet: Fleet): readonly Agent[] =>
  fleet.agents.filter((agent) => agent.enabled && agent.session.start !== "never");

export function sessionCommand(context: DoctorContext): CheckResult {
  const fleet = fleetIn(context);
  const agents = withSession(fleet);
  if (agents.length === 0) return skipped("no agent has a session");
  const find = (words: readonly string[], agent: Agent) => locate(words[0] ?? "", agent, { fleet, context });
  const without = agents.filter((agent) => find(agent.session.command, agent) === null);
  const programs = (list: readonly Agent[]) => [...new Set(list.flatMap((agent) => agent.session.command[0] ?? []))];
  if (without.length === 0) return ok(programs(agents).join(", "));
  const stuck = without.filter((agent) => find(agent.session.fallback, agent) === null);
  const missing = (list: readonly Agent[]) =>
    programs(list).map((program) => {
      const names = list.filter((agent) => agent.session.command[0] === program).map((agent) => agent.name);
      return `${program}: ${firstOf(names, 3).join(", ")}`;
    });
  const remedy = `install it, or set session.path in rollcall.config.yaml; searched: ${fleet.machine.sessionPath}`;
  if (stuck.length > 0)
    return error(
      `neither command nor fallback of ${counted(stuck.length, "agent")} is installed`,
      remedy,
      missing(stuck),
    );
  return warning(`${counted(without.length, "agent")} would run the fallback`, remedy, missing(without));
}
