// How tmux is called: socket, environment, and what its answers mean. It tells states apart by standard error alone.
import type { Diagnostic } from "../../../model/diagnostic.ts";
import { RollcallError } from "../../../model/errors.ts";
import type { Fleet } from "../../../model/fleet.ts";
import type { ExecResult, FileReader, Reader } from "../../../model/world.ts";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The longest socket path, without its NUL: `sun_path` of unix(7) holds 108 bytes. */
const SOCKET_PATH_LIMIT = 107;

/** A look is given this long; the second one longer, since a busy machine is no hung server. */
const QUERY_MS = [2_000, 4_000] as const;

/** Tries while an old server is on its way out. */
const EXITING_TRIES = 5;

/**
 * An argument list for tmux. `-u`: UTF-8 whatever the locale (otherwise every non-ASCII character prints as `_`);
 * `-f /dev/null`: a person's tmux.conf changes nothing here.
 */
export function tmuxCommand(socket: string, words: readonly string[]): string[] {
  return ["tmux", "-u", "-L", socket, "-f", "/dev/null", ...words];
}

/**
 * The environment of a tmux call that only asks or acts on what is there. Without TMUX and TMUX_TMPDIR, so that a call
 * from inside tmux, from cron and from a shell reach the same socket.
 */
export function callEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const home = env["HOME"];
  return { PATH: env["PATH"] ?? SYSTEM_PATH, ...(home === undefined ? {} : { HOME: home }) };
}

/** Where tmux puts the socket of that name when TMUX_TMPDIR is not set: `/tmp/tmux-<uid>/<name>`. */
export function socketPath(socket: string, files: Pick<FileReader, "facts" | "real">): string {
  // procfs: the files of a process belong to its effective user.
  const uid = files.facts("/proc/self/stat")?.uid ?? 0;
  return `${files.real("/tmp") ?? "/tmp"}/tmux-${uid}/${socket}`;
}

/** Throws E701 when the socket cannot be: no plain name, or too long a path. Said before anything is started. */
export function checkSocketPath({ machine: { socket } }: Fleet, world: Reader): void {
  if (socket === "" || /[/\0]/.test(socket) || socket === "." || socket === "..") {
    throw new RollcallError("E701", `the tmux socket ${JSON.stringify(socket)} is not a plain name`, {
      hint: "TMUX_SOCKET_OVERRIDE and `socket` in rollcall.config.yaml take a name, not a path",
    });
  }
  const path = socketPath(socket, world.files);
  const length = Buffer.byteLength(path);
  if (length <= SOCKET_PATH_LIMIT) return;
  throw new RollcallError(
    "E701",
    `the tmux socket path is ${length} bytes long, ${SOCKET_PATH_LIMIT} are possible: ${path}`,
    {
      hint: "give a shorter name: `socket` in rollcall.config.yaml, or TMUX_SOCKET_OVERRIDE",
    },
  );
}

export type TmuxAnswer =
  | { readonly state: "rows"; readonly text: string }
  /** No socket, a stale one, or nothing left. It does not say that no server runs: see lost-server.ts. */
  | { readonly state: "no-server" }
  | { readonly state: "not-installed" }
  /** It could not be asked: neither present nor absent. `late`: somebody listens, and did not answer in time. */
  | { readonly state: "silent"; readonly reason: string; readonly late: boolean };

/** Asks tmux something, twice before it counts as silent. Never starts a server. */
export async function askTmux(
  world: Reader,
  { socket, words }: { readonly socket: string; readonly words: readonly string[] },
): Promise<TmuxAnswer> {
  let answer: TmuxAnswer = { state: "silent", reason: "not asked", late: false };
  for (const timeoutMs of QUERY_MS) {
    for (let attempt = 1; attempt <= EXITING_TRIES; attempt++) {
      const result = await world.exec.query(tmuxCommand(socket, words), { env: callEnvironment(world.env), timeoutMs });
      const meant = meaning(result, timeoutMs);
      if (meant === "exiting" && attempt < EXITING_TRIES) continue;
      answer = meant === "exiting" ? { state: "no-server" } : meant;
      break;
    }
    if (answer.state !== "silent") return answer;
  }
  return answer;
}

function meaning(result: ExecResult, timeoutMs: number): TmuxAnswer | "exiting" {
  if (result.missing) return { state: "not-installed" };
  if (result.timedOut)
    return { state: "silent", reason: `tmux did not answer within ${timeoutMs / 1000} s`, late: true };
  if (result.code === 0) return { state: "rows", text: result.stdout };
  if (isNoServer(result.stderr)) return { state: "no-server" };
  if (hasNoSession(result.stderr)) return { state: "rows", text: "" };
  if (isExiting(result.stderr)) return "exiting";
  const words = firstLine(result.stderr) || `exit ${result.code}`;
  return { state: "silent", reason: `tmux failed: ${words}`, late: false };
}

/** No socket, or a socket nobody listens on (words of tmux 3.3a). */
export function isNoServer(stderr: string): boolean {
  return /no server running on |error connecting to .*\((No such file or directory|Connection refused)\)/.test(stderr);
}

/** A server that has no session: it has only just begun, is about to end, or is kept (`exit-empty off`). */
function hasNoSession(stderr: string): boolean {
  return /^no current target$/m.test(stderr);
}

/** A server in the middle of its end: the same call works a moment later. */
export function isExiting(stderr: string): boolean {
  return /server exited|lost server/.test(stderr);
}

export function firstLine(text: string): string {
  return (
    text
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? ""
  );
}

/** A warning without a place in a file. */
export function warning(code: string, message: string, hint: string): Diagnostic {
  return { code, severity: "warning", file: "", line: 1, col: 1, message, hint };
}
