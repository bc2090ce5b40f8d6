// What a run looks like while it goes on: one line per action, or a bar on a terminal when there is much to do.
import { describe, expect, test } from "vitest";
import { progressOf } from "../../src/cli/progress.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import type { RunEvent } from "../../src/model/events.ts";
import { painter } from "../../src/report/style.ts";

interface Screen {
  readonly io: Terminal;
  /** Lines that stay, and what was drawn over itself, in order: `draw:` in front of the latter. */
  readonly shown: string[];
}

function openScreen({ isTerminal, quiet = false }: { readonly isTerminal: boolean; readonly quiet?: boolean }): Screen {
  const shown: string[] = [];
  const stream = { paint: painter(false), isTerminal, columns: 40 };
  const io: Terminal = {
    options: { color: false, cache: true, quiet, verbose: false },
    env: {},
    cwd: "/",
    mayAsk: isTerminal,
    mayAttach: isTerminal,
    stdout: stream,
    stderr: stream,
    print: () => {},
    say: (text) => {
      if (!quiet) shown.push(text);
    },
    redraw: (text) => void shown.push(`draw:${text}`),
    complain: (text) => void shown.push(text),
  };
  return { io, shown };
}

const RUN = "0001-abcd";

function steps(count: number, failing?: number): RunEvent[] {
  const done = Array.from({ length: count }, (_, at): RunEvent => {
    const base = { event: "step", run: RUN, n: at + 1, of: count, action: "create", corrective: false } as const;
    const address = `config/agent-${at + 1}/.claude/settings.json`;
    return at + 1 === failing
      ? { ...base, address, result: "failed", error: { code: "E501", message: "no space left" } }
      : { ...base, address, result: "done" };
  });
  return [
    { event: "run-started", run: RUN, command: "apply", by: "cli", steps: count },
    ...done,
    { event: "run-ended", run: RUN, converged: true },
  ];
}

function play(screen: Screen, events: readonly RunEvent[]): readonly string[] {
  const emit = progressOf(screen.io);
  for (const event of events) emit(event);
  return screen.shown;
}

describe("the progress of a run", () => {
  test("is one plain line per action where stderr is no terminal, however many there are", () => {
    const shown = play(openScreen({ isTerminal: false }), steps(30));
    expect(shown).toHaveLength(30);
    expect(shown[0]).toBe("[ 1/30] done create config/agent-1/.claude/settings.json");
  });

  test("is one line per action on a terminal when there is little to do", () => {
    const shown = play(openScreen({ isTerminal: true }), steps(3));
    expect(shown).toEqual([1, 2, 3].map((n) => `[${n}/3] done create config/agent-${n}/.claude/settings.json`));
  });

  test("is a bar on a terminal from the 21st action on, no wider than the terminal, and gone at the end", () => {
    const shown = play(openScreen({ isTerminal: true }), steps(24));
    expect(shown).toHaveLength(25);
    expect(shown[11]).toBe("draw:[############............] 12/24 create");
    for (const line of shown) expect(line.replace("draw:", "").length).toBeLessThan(40);
    expect(shown.at(-1)).toBe("draw:");
  });

  test("a failure and a note are lines that stay, above the bar", () => {
    const note: RunEvent = { event: "note", message: "took over a lock" };
    const [started, first, ...rest] = steps(24, 5);
    const shown = play(
      openScreen({ isTerminal: true }),
      [started, first, note, ...rest].flatMap((one) => one ?? []),
    );
    const at = shown.indexOf("note: took over a lock");
    expect(shown[at - 1]).toBe("draw:");
    const failure = shown.findIndex((line) => line.includes("failed create config/agent-5/"));
    expect(shown[failure]).toContain("no space left");
    expect(shown[failure - 1]).toBe("draw:");
  });

  test("with --quiet nothing is said and nothing drawn", () => {
    expect(play(openScreen({ isTerminal: true, quiet: true }), steps(24))).toEqual([]);
  });
});
