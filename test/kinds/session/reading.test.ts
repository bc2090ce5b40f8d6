// Reading what others wrote: rows of tmux, marks, procfs, the client's list, cgroups.
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientStatus, terminalStatus } from "../../../src/kinds/session/client/activity.ts";
import { parseClients } from "../../../src/kinds/session/client/agents-json.ts";
import { sortPanes } from "../../../src/kinds/session/observe/group-panes.ts";
import { processTree } from "../../../src/kinds/session/observe/processes.ts";
import { isExiting, isNoServer } from "../../../src/kinds/session/tmux/command.ts";
import { markCommands, readMark } from "../../../src/kinds/session/tmux/mark.ts";
import { line, literal, quote } from "../../../src/kinds/session/tmux/script.ts";
import { unitOf } from "../../../src/kinds/session/tmux/server.ts";
import { parseRows } from "../../../src/kinds/session/tmux/snapshot.ts";
import type { Mark, OwnSession } from "../../../src/kinds/session/types.ts";
import { parseProcessStat } from "../../../src/model/process-stat.ts";

const FLEET = "f1ee7000f1ee7000f1ee7000f1ee7000";

/** A row as tmux prints it. */
function row(
  more: Partial<Record<"session" | "pane" | "pid" | "dead" | "exit" | "clients" | "name" | "options", string>>,
): string {
  const {
    session = "$1",
    pane = "%1",
    pid = "100",
    dead = "0",
    exit = "::",
    clients = "0",
    name = "iw-planner",
    options = ":::::",
  } = more;
  return `${session}:${pane}:${pid}:${dead}:${exit}:1795359550:${clients}:${name}:${options}`;
}

const marked = (agent: string, pane = true) =>
  `${pane ? `${FLEET}/${agent}` : ""}:${FLEET}:${agent}:0123abcd:3b1b0a52-0000-4000-8000-000000000000:t=1795359550123,p=command,n=A+B,size=12345678`;

test("a row of ours is read with its mark", () => {
  const [one] = parseRows(row({ options: marked("planner") }));
  expect(one).toMatchObject({
    session: "$1",
    pane: "%1",
    pid: 100,
    dead: false,
    name: "iw-planner",
    created: 1795359550,
  });
  expect(one && readMark(one, FLEET)).toEqual({
    agent: "planner",
    fingerprint: "0123abcd",
    version: 1,
    conversation: "3b1b0a52-0000-4000-8000-000000000000",
    startedAt: 1795359550123,
    program: "command",
    components: { size: "12345678" },
    envNames: ["A", "B"],
    exits: [],
  });
});

test("what a stranger puts into names and options breaks at most his own row", () => {
  const text = [
    row({ name: "a|b #{pid}", options: ":\nstolen:%2:x" }),
    row({ session: "$2", name: "é✳", options: "a:b:c:d:e:f:g:h" }),
    row({ session: "$3", pane: "%3", options: marked("planner") }),
    "",
  ].join("\n");
  const sorted = sortPanes(parseRows(text), FLEET);
  expect([...sorted.own.keys()]).toEqual(["planner"]);
  expect(sorted.foreign.map(({ name }) => name)).toEqual(["a|b #{pid}", "é✳"]);
});

test("the mark of another fleet, or of an agent that cannot be, is nobody's", () => {
  const [other] = parseRows(row({ options: marked("planner") }));
  expect(other && readMark(other, "another")).toBeNull();
  const [odd] = parseRows(row({ options: marked("../x") }));
  expect(odd && readMark(odd, FLEET)).toBeNull();
});

test("a pane that a person split off is not the agent's, and the agent's is known without being first", () => {
  const text = [
    row({ pane: "%5", options: marked("planner", false) }),
    row({ pane: "%1", options: marked("planner") }),
  ].join("\n");
  expect(sortPanes(parseRows(text), FLEET).own.get("planner")?.[0]?.agentPane?.pane).toBe("%1");
});

test("clients that look through a grouped session count", () => {
  const view = `${FLEET}/planner:::::`;
  const text = [
    row({ options: marked("planner") }),
    row({ session: "$2", name: "mine", clients: "2", options: view }),
  ].join("\n");
  const sorted = sortPanes(parseRows(text), FLEET);
  expect(sorted.own.get("planner")?.[0]?.clients).toBe(2);
  expect([...sorted.moved.keys()]).toEqual([]);
});

test("an ended process keeps its code or its signal", () => {
  const rows = parseRows(
    [row({ dead: "1", exit: "7::1795359551" }), row({ dead: "1", exit: ":9:1795359551" })].join("\n"),
  );
  expect(rows.map(({ dead, deadStatus, deadSignal, deadTime }) => [dead, deadStatus, deadSignal, deadTime])).toEqual([
    [true, "7", "", 1795359551],
    [true, "", "9", 1795359551],
  ]);
});

test("a mark that is written is read back", () => {
  const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
  const marks: fc.Arbitrary<Mark> = fc.record(
    {
      agent: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
      fingerprint: hex,
      version: fc.integer({ min: 1, max: 9 }),
      conversation: fc.uuid(),
      startedAt: fc.nat(),
      program: fc.constantFrom("command" as const, "fallback" as const),
      components: fc.record({ command: hex, size: hex }, { requiredKeys: [] }),
      exits: fc.array(fc.nat()),
      envNames: fc.uniqueArray(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)),
    },
    { requiredKeys: ["agent", "fingerprint", "version", "startedAt", "program", "components", "envNames", "exits"] },
  );
  fc.assert(
    fc.property(marks, (mark) => {
      const values = new Map(
        markCommands(mark, { fleetId: FLEET, session: "$1", pane: "%1" }).map((words) => [words.at(-2), words.at(-1)]),
      );
      const options = ["_pane", ""].map((key) => values.get(`@rollcall${key}`));
      const [read] = parseRows(row({ options: options.join(":") }));
      expect(read && readMark(read, FLEET)).toEqual(mark);
    }),
  );
});

test("words for tmux's parser stay one word each", () => {
  expect(quote("it's")).toBe(`'it'\\''s'`);
  expect(quote("a\\\nb")).toBe(`'a\\'"\\n"'b'`);
  expect(line([["rename-session", "-t", "$1", "x;"], ["list-panes"]])).toBe(
    "rename-session '-t' '$1' 'x;' ; list-panes",
  );
  expect(literal("a#(b)")).toBe("a##(b)");
});

test("tmux's words for its states", () => {
  expect(isNoServer("error connecting to /tmp/tmux-0/x (No such file or directory)")).toBe(true);
  expect(isNoServer("no server running on /tmp/tmux-0/x")).toBe(true);
  expect(isNoServer("error connecting to /tmp/tmux-0/x (Permission denied)")).toBe(false);
  expect(isExiting("server exited unexpectedly")).toBe(true);
});

test("a process whose name holds brackets and spaces is read from the last bracket on", () => {
  const text = "42 (a) b (c) S 1 42 42 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 1 0 777 1 2";
  expect(parseProcessStat(text)).toMatchObject({
    pid: 42,
    name: "a) b (c",
    state: "S",
    parent: 1,
    group: 42,
    session: 42,
    foreground: 42,
    tick: "777",
  });
  expect(parseProcessStat("")).toBeNull();
});

test("the tree of a process holds its children, theirs, and what stayed in its session", () => {
  const one = (pid: number, parent: number, session: number) => ({
    pid,
    parent,
    session,
    name: "x",
    state: "S",
    group: pid,
    terminal: 0,
    foreground: 0,
    tick: String(pid),
    exitStatus: 0,
  });
  const table = [one(1, 0, 1), one(10, 1, 10), one(11, 10, 10), one(12, 11, 12), one(13, 1, 10), one(20, 1, 20)];
  expect(processTree(table, 10).map(({ pid }) => pid)).toEqual([10, 11, 12, 13]);
  expect(processTree(table, 99)).toEqual([]);
});

test("the client's list is taken apart with care", () => {
  const text = JSON.stringify([
    { pid: 1, sessionId: "a", status: "busy" },
    { pid: 2, sessionId: "b", status: "waiting", waitingFor: "permission prompt" },
    { pid: 3, status: "dreaming" },
    { status: "idle" },
    null,
  ]);
  expect(parseClients(text)).toEqual([
    { pid: 1, sessionId: "a", status: "busy" },
    { pid: 2, sessionId: "b", status: "waiting", waitingFor: "permission prompt" },
    { pid: 3, sessionId: "", status: "unknown" },
  ]);
  expect(parseClients("Welcome!")).toBeNull();
  expect(parseClients("{}")).toBeNull();
});

test("a live client that is not listed is starting while it is young, then stuck in a dialog", () => {
  const seen = (age: number) => ({ pid: 5, at: 1_000_000, mark: { startedAt: 1_000_000 - age } }) as OwnSession;
  expect(clientStatus(seen(2_000), [], []).status).toBe("starting");
  expect(clientStatus(seen(60_000), [], []).status).toBe("stuck-in-dialog");
  expect(clientStatus(seen(60_000), [], null).status).toBe("unknown");
});

test("another command is idle when the terminal is its own and nothing runs below it", () => {
  const one = (pid: number, parent: number, foreground: number) => ({
    pid,
    parent,
    session: 5,
    name: "sh",
    state: "S",
    group: pid,
    terminal: 1,
    foreground,
    tick: "1",
    exitStatus: 0,
  });
  expect(terminalStatus({ pid: 5 }, [one(5, 1, 5)])).toBe("idle");
  expect(terminalStatus({ pid: 5 }, [one(5, 1, 9)])).toBe("busy");
  expect(terminalStatus({ pid: 5 }, [one(5, 1, 5), one(6, 5, 5)])).toBe("busy");
  expect(terminalStatus({ pid: 5 }, [])).toBe("unknown");
});

test.each([
  ["a timer's service", "0::/system.slice/rollcall.service\n", "rollcall.service"],
  [
    "a user's service",
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/rollcall.service\n",
    "rollcall.service",
  ],
  ["the old hierarchy", "12:pids:/x\n1:name=systemd:/system.slice/ci.service\n", "ci.service"],
  ["a login session", "0::/user.slice/user-1000.slice/session-3.scope\n", null],
  ["a terminal of the desktop", "0::/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope\n", null],
  ["cron", "0::/system.slice/cron.service\n", null],
  ["a container", "0::/\n", null],
])("the unit that would take the server along: %s", (_where, text, unit) => {
  expect(unitOf(text)).toBe(unit);
});
