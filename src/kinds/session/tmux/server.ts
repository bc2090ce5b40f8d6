// Talking to the tmux server to change something: scripts on standard input, a server that outlives whoever starts it.
import type { Fleet } from "../../../model/fleet.ts";
import type { ExecResult, Reader, Writer } from "../../../model/world.ts";
import { serverEnvironment } from "../apply/environment.ts";
import { readProc } from "../observe/processes.ts";
import { callEnvironment, isExiting, isNoServer, tmuxCommand } from "./command.ts";

/** A script has this long, and a little more for each of its lines. */
const SCRIPT_MS = 15_000;
const LINE_MS = 100;

/**
 * Runs script lines in one tmux process. A server is started when there is none, in a clean environment, with `/` as
 * its folder, so that it holds no folder of the project. tmux itself leaves the terminal and the process group of the
 * caller (daemon(3)); for systemd see `scopePrefix`.
 */
export async function runScript(lines: readonly string[], fleet: Fleet, world: Writer): Promise<ExecResult> {
  const { socket, sessionPath } = fleet.machine;
  const env = serverEnvironment(world.env, sessionPath);
  const program = world.files.find("tmux", callEnvironment(world.env)["PATH"] ?? "") ?? "tmux";
  const [, ...words] = tmuxCommand(socket, ["start-server", ";", "source-file", "-"]);
  const options = { env, cwd: "/", input: `${lines.join("\n")}\n`, timeoutMs: SCRIPT_MS + lines.length * LINE_MS };
  const prefix = scopePrefix(world);
  if (prefix.length > 0) {
    const scoped = await world.exec.run([...prefix, program, ...words], options);
    if (!scoped.missing && !/^Failed to /m.test(scoped.stderr)) return scoped;
  }
  return world.exec.run([program, ...words], options);
}

/** True when the server was on its way out under the script: the same script works a moment later. */
export function isTransient(result: ExecResult): boolean {
  return result.code !== 0 && (isExiting(result.stderr) || isNoServer(result.stderr));
}

/**
 * The unit of systemd that ends with its main process and takes what it started along (KillMode=control-group), or
 * null. Login sessions are scopes, cron's unit leaves its jobs' children alone.
 */
export function endingUnit(world: Pick<Reader, "files">): string | null {
  if (world.files.facts("/run/systemd/system")?.type !== "folder") return null;
  return unitOf(readProc(world.files, "/proc/self/cgroup") ?? "");
}

/** The innermost unit of a cgroup path (cgroups(7)), when it is a service that ends what it started. */
export function unitOf(cgroups: string): string | null {
  const line = cgroups.split("\n").find((one) => one.startsWith("0::") || one.includes(":name=systemd:"));
  const path = line?.slice(line.lastIndexOf(":") + 1) ?? "";
  const unit = path.split("/").findLast((part) => part.endsWith(".service") || part.endsWith(".scope"));
  if (!unit?.endsWith(".service") || /^(user@\d+|crond?)\.service$/.test(unit)) return null;
  return unit;
}

/** In such a unit the server is started in a scope of its own, so that it outlives the unit. */
function scopePrefix(world: Writer): readonly string[] {
  if (endingUnit(world) === null) return [];
  const program = world.files.find("systemd-run", callEnvironment(world.env)["PATH"] ?? "");
  if (program === null) return [];
  const root = world.files.facts("/proc/self/stat")?.uid === 0;
  return [program, ...(root ? [] : ["--user"]), "--scope", "--quiet", "--collect"];
}
