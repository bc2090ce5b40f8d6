// Progress of a run on stderr: a bar on a terminal when there is much to do, else one line per finished action.
import type { Emit, RunEvent } from "../model/events.ts";
import { visibleLine } from "../report/redact.ts";
import { outcomeLine } from "../report/text.ts";
import type { Terminal } from "./terminal.ts";

/** A run of more steps has a bar from its beginning, any other one as soon as it takes longer than this. */
const BAR_STEPS = 20;
const BAR_AFTER_MS = 2000;
const BAR_WIDTH = 24;

type StepEvent = Extract<RunEvent, { event: "step" }>;

/** What `emit` of a command line does. Failures and notes are lines of their own above the bar. */
export function progressOf(io: Terminal): Emit {
  const lines = lineOf(io);
  if (!io.stderr.isTerminal || io.options.quiet || io.options.verbose) {
    return (event) => {
      const line = lines(event);
      if (line !== null) io.say(line);
    };
  }
  return barOn(io, lines);
}

/** The line of an event; null for one that has none. */
function lineOf(io: Terminal): (event: RunEvent) => string | null {
  const options = { paint: io.stderr.paint, verbose: io.options.verbose };
  return (event) => {
    switch (event.event) {
      case "step":
        return outcomeLine(event, { done: event.n, total: event.of }, options);
      case "note":
        return `note: ${event.message}`;
      case "run-started":
      case "run-ended":
        return null;
    }
  };
}

function barOn(io: Terminal, lines: (event: RunEvent) => string | null): Emit {
  let started = 0;
  let shown = false;
  const erase = (): void => {
    if (shown) io.redraw("");
    shown = false;
  };
  return (event) => {
    if (event.event === "run-started") started = Date.now();
    if (event.event === "run-ended") erase();
    const line = lines(event);
    if (line === null) return;
    const isLong = event.event === "step" && (event.of > BAR_STEPS || Date.now() - started > BAR_AFTER_MS);
    if (event.event === "step" && isLong && event.result === "done") {
      io.redraw(bar(event, io.stderr.columns));
      shown = true;
      return;
    }
    erase();
    io.say(line);
  };
}

/** `[██████░░░░] 12/40 update config/…`, cut to the width of the terminal. */
function bar({ n, of, action, address }: StepEvent, columns: number): string {
  const filled = Math.round((n / of) * BAR_WIDTH);
  const head = `[${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${n}/${of} `;
  return `${head}${visibleLine(`${action} ${address}`)}`.slice(0, Math.max(columns - 1, head.length));
}
