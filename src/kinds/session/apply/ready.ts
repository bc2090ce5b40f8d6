// When a start counts: what was started is watched until it has lived for `session.ready.after`, and what died is
// reported with how it ended and its last lines.
import type { Fleet } from "../../../model/fleet.ts";
import type { Settle, Settled } from "../../../model/settled.ts";
import type { Writer } from "../../../model/world.ts";
import { endWords } from "../diff.ts";
import { fleetMark } from "../names.ts";
import type { ObserveContext } from "../observe/context.ts";
import { settledSnapshot } from "../observe/exit-status.ts";
import { type Sorted, sortPanes } from "../observe/group-panes.ts";
import { observedOwn } from "../observe/observation.ts";
import { readProcess } from "../observe/processes.ts";
import { askTmux } from "../tmux/command.ts";
import type { OwnSession } from "../types.ts";
import type { StartSpec } from "./start-spec.ts";

/** How often procfs is asked while starts are watched; tmux is asked only about what died. */
const POLL_MS = 100;
/** So much of what a pane shows goes into the failure. */
const LINES = 5;
const LINE_LENGTH = 200;
/** Shorter secrets are words that a text may hold by chance. */
const SECRET_LENGTH = 4;

/** A session that was seen right after its start. */
export interface StartedSession {
  readonly start: StartSpec;
  readonly own: OwnSession;
  /** The outcome when it lives on; null: its process had ended already. */
  readonly settled: Settled | null;
}

export interface Watching {
  readonly fleet: Fleet;
  readonly world: Writer;
  readonly context: ObserveContext;
  readonly settle: Settle;
}

/** The session of a start as it is seen in a snapshot. */
export function ownOf(
  { want }: StartSpec,
  { own: presentSession }: Sorted,
  context: ObserveContext,
): OwnSession | undefined {
  const found = presentSession.get(want.agent) ?? [];
  const own = found.find(({ name }) => name === want.props.name) ?? found[0];
  if (!own) return undefined;
  const { seen } = observedOwn({ address: want.address, agent: want.agent, want }, own, context);
  return seen.state === "ours" ? seen : undefined;
}

/** Milliseconds that a start must live to count; 0: it counts as soon as it was seen. */
export function readyAfter({ agent }: StartSpec): number {
  return agent.session.ready.afterMs;
}

/** Waits for all of them side by side, then settles each: done, or failed with its last lines. */
export async function settleReady(started: readonly StartedSession[], watching: Watching): Promise<void> {
  const { world, settle } = watching;
  await untilLived(started, world);
  const died = started.filter((one) => one.settled === null || (readyAfter(one.start) > 0 && !lives(one, world)));
  const failures = died.length > 0 ? await failuresOf(died, watching) : new Map<StartedSession, Settled>();
  for (const one of started) {
    const settled = failures.get(one) ?? one.settled;
    if (settled) settle(settled);
  }
}

/** Until the youngest has lived long enough. Ends early when nothing that is waited for lives any more. */
async function untilLived(started: readonly StartedSession[], world: Writer): Promise<void> {
  const watched = started.filter(({ start, settled }) => settled !== null && readyAfter(start) > 0);
  const longest = Math.max(0, ...watched.map(({ start }) => readyAfter(start)));
  const rest = watched.map(({ start, own }) => own.mark.startedAt + readyAfter(start) - world.now());
  // A clock that is set back makes nobody wait longer than the rule says.
  let left = Math.min(longest, Math.max(0, ...rest));
  while (left > 0 && watched.some((one) => lives(one, world))) {
    const step = Math.min(POLL_MS, left);
    await world.sleep(step);
    left -= step;
  }
}

function lives({ own }: StartedSession, { files }: Writer): boolean {
  return own.pid !== undefined && !own.exit && readProcess(files, own.pid)?.tick === own.tick;
}

async function failuresOf(
  died: readonly StartedSession[],
  { fleet, world, context }: Watching,
): Promise<ReadonlyMap<StartedSession, Settled>> {
  const snapshot = await settledSnapshot(fleet.machine.socket, world);
  const sorted = snapshot.state === "panes" ? sortPanes(snapshot.panes, fleetMark(fleet)) : null;
  const failures = died.map(async (one): Promise<[StartedSession, Settled]> => {
    const { start, own } = one;
    const now = (sorted && ownOf(start, sorted, context)) ?? own;
    const output = await lastLines(start, now, { fleet, world });
    const error = {
      code: "E707",
      message: `its ${endWords(now)} right after the start`,
      hint: `see what it said: rollcall logs ${start.want.agent}`,
      ...(output.length > 0 ? { output } : {}),
    };
    return [one, { address: start.want.address, result: "failed", error }];
  });
  return new Map(await Promise.all(failures));
}

/** The last lines that a pane shows, cleaned; none when the pane is gone. */
async function lastLines(
  start: StartSpec,
  { pane }: OwnSession,
  { fleet, world }: Pick<Watching, "fleet" | "world">,
): Promise<readonly string[]> {
  if (pane === undefined) return [];
  const words = ["capture-pane", "-p", "-J", "-S", "-50", "-t", pane];
  const answer = await askTmux(world, { socket: fleet.machine.socket, words });
  if (answer.state !== "rows") return [];
  const secrets = secretsOf(start);
  const lines = answer.text.split("\n").flatMap((line) => {
    const clean = secrets.reduce((text, secret) => text.replaceAll(secret, "…"), cleaned(line));
    // tmux itself writes the last line of a dead pane.
    return clean === "" || /^Pane is dead( |$)/.test(clean) ? [] : [clean.slice(0, LINE_LENGTH)];
  });
  return lines.slice(-LINES);
}

/** Without control, zero-width and bidirectional characters. */
function cleaned(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").trimEnd();
}

/** Values that the session got through references: they are secrets, and a program may print them. */
function secretsOf({ agent, variables }: StartSpec): readonly string[] {
  return Object.entries(agent.session.env)
    .filter(([, value]) => /^(env|file):/.test(value))
    .map(([name]) => variables[name] ?? "")
    .filter((value) => value.length >= SECRET_LENGTH);
}
