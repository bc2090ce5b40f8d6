// The pure verbs: differences in words, health, crash loops, conversations, environments.
import { expect, test } from "vitest";
import { serverEnvironment } from "../../../src/kinds/session/apply/environment.ts";
import {
  choosesNoConversation,
  projectFolder,
  withConversation,
} from "../../../src/kinds/session/client/conversation.ts";
import { desire } from "../../../src/kinds/session/desire.ts";
import { diff } from "../../../src/kinds/session/diff.ts";
import { chooseLaunch } from "../../../src/kinds/session/launch.ts";
import { isClient, isSafeName } from "../../../src/kinds/session/names.ts";
import { backoff, earlyExits, resetBackoff } from "../../../src/kinds/session/observe/crash-loop.ts";
import { restarts } from "../../../src/kinds/session/observe/defect.ts";
import { health } from "../../../src/kinds/session/observe/health.ts";
import { type OwnSession, readFacts, type SessionSeen, writeFacts } from "../../../src/kinds/session/types.ts";
import type { Desired, Observed } from "../../../src/model/resource.ts";
import { agentNamed, fleetOf, SESSION } from "../../support/session-fixture.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

function wanted(command: readonly string[] = ["claude"]): Desired<never> {
  const agent = agentNamed("planner", { session: { ...SESSION, command } });
  const [one] = desire(agent, fleetOf({ root: "/fleet", socket: "s", agents: [agent] }));
  if (!one) throw new Error("nothing desired");
  return one as Desired<never>;
}

function own(more: Partial<OwnSession> = {}): OwnSession {
  return {
    state: "ours",
    id: "$1",
    name: "iw-planner",
    pane: "%1",
    pid: 100,
    tick: "5",
    mark: {
      agent: "planner",
      fingerprint: "0123456789",
      version: 2,
      startedAt: NOW - 60_000,
      program: "command",
      components: {},
      envNames: [],
      exits: [],
    },
    clients: 0,
    created: NOW / 1000 - 60,
    otherPanes: 0,
    changed: [],
    client: true,
    at: NOW,
    ...more,
  };
}

function observed(seen: SessionSeen, more: Partial<Observed<SessionSeen>> = {}): Observed<SessionSeen> {
  return { address: "session/planner/main", seen, exists: true, same: false, parts: {}, digest: "d", ...more };
}

const live = { activity: "idle", attached: false, loses: ["background"] } as const;

test("nothing differs from what is as desired, or where only other parts are asked about", () => {
  expect(diff(wanted(), observed(own(), { same: true })).changes).toEqual([]);
  expect(diff(wanted(), observed(own({ defect: "stale" })), ["mode"]).changes).toEqual([]);
});

test.each<[string, Partial<OwnSession>, string]>([
  ["an exit", { defect: "exited", exit: { code: 7 } }, "its process exited with code 7"],
  ["a signal", { defect: "exited", exit: { signal: "SIGKILL" } }, "its process was ended by SIGKILL"],
  ["a lost pane", { defect: "no-pane" }, "its pane is gone"],
])("%s disturbs nobody and costs nothing", (_what, seen, reason) => {
  expect(diff(wanted(), observed(own(seen)))).toMatchObject({
    reason,
    strategy: "replace",
    impact: "none",
    loses: [],
    disruptive: false,
  });
});

test("a stale client restarts when idle with its conversation, and afresh without one", () => {
  const stale = { defect: "stale", changed: ["memory", "size"] } as const;
  expect(diff(wanted(), observed(own({ ...stale, resumable: true }), { live }))).toMatchObject({
    reason: "started before these changed: CLAUDE.md, the size",
    impact: "restart-when-idle",
    loses: ["background"],
    disruptive: true,
  });
  expect(diff(wanted(), observed(own(stale), { live })).impact).toBe("fresh-context");
  expect(diff(wanted(["bash"]), observed(own({ ...stale, resumable: true }), { live })).impact).toBe("fresh-context");
  expect(diff(wanted(["bash"]), observed(own({ ...stale, client: false }), { live })).impact).toBe("restart-when-idle");
  const always = { ...wanted(), onChange: "always" as const };
  expect(diff(always, observed(own({ ...stale, resumable: true }), { live })).impact).toBe("restart-now");
});

test("a renamed session is updated, not replaced", () => {
  const delta = diff(wanted(), observed(own({ defect: "renamed", name: "away" }), { live }));
  expect(delta).toMatchObject({
    strategy: "update",
    disruptive: false,
    impact: "none",
    reason: "it was renamed to away",
  });
});

test("the end of a session is disruptive only while its process runs", () => {
  expect(diff(undefined, observed(own(), { live }))).toMatchObject({ disruptive: true, impact: "fresh-context" });
  expect(diff(undefined, observed(own({ exit: { code: 0 } })))).toMatchObject({ disruptive: false, impact: "none" });
  expect(diff(undefined, undefined).changes).toEqual([]);
});

test.each([
  ["on-failure", { code: 0 }, false],
  ["on-failure", { code: 1 }, true],
  ["on-failure", { signal: "SIGTERM" }, true],
  ["on-failure", {}, true],
  ["always", { code: 0 }, true],
  ["never", { signal: "SIGKILL" }, false],
] as const)("restart: %s after %o: %s", (restart, exit, covered) => {
  expect(restarts({ restart }, exit)).toBe(covered);
});

test.each<[Partial<OwnSession>, string, string[]]>([
  [{}, "running", []],
  [{ status: "busy" }, "busy", []],
  [{ status: "stuck-in-dialog" }, "waiting", ["stuck-in-dialog"]],
  [{ status: "starting" }, "starting", []],
  [{ exit: { code: 7 } }, "exited", []],
  [{ exit: { signal: "SIGKILL" } }, "crashed", []],
  [{ changed: ["memory"], status: "idle" }, "idle", ["stale: CLAUDE.md"]],
  [{ changed: ["command", "env", "size", "settings"] }, "running", ["stale: command, variables, size, settings"]],
  [{ defect: "stale" }, "running", ["stale"]],
  [{ mark: { ...own().mark, version: 1 } }, "running", ["started before 0.2"]],
  [{ mark: { ...own().mark, version: 1 }, changed: ["memory"] }, "running", ["stale: CLAUDE.md"]],
  [{ mark: { ...own().mark, program: "fallback" } }, "running", ["fallback"]],
])("health of %o is %s", (seen, word, notes) => {
  expect(health(wanted(), observed(own(seen)), undefined)).toMatchObject({ health: word, notes });
});

test("the session of the status names what a person needs", () => {
  const seen = own({ clients: 1, status: "waiting", waitingFor: "permission prompt" });
  expect(health(wanted(), observed(seen), undefined).session).toEqual({
    name: "iw-planner",
    id: "$1",
    pid: 100,
    since: "2026-11-22T11:59:00.000Z",
    attached: true,
    waitingFor: "permission prompt",
  });
  const ended = health(wanted(), observed(own({ exit: { signal: "SIGKILL" } })), undefined).session;
  expect(ended).toMatchObject({ signal: "SIGKILL" });
  expect(health(wanted(), undefined, undefined)).toEqual({ health: "absent", notes: [], session: null });
  expect(health(wanted(), observed({ state: "unknown" }, { unknown: "tmux is not installed" }), undefined).health).toBe(
    "unknown",
  );
});

test("five early ends in a quarter of an hour are a crash loop, which fades", () => {
  const exits = [1, 2, 3, 4].map((minute) => NOW - minute * 60_000);
  const fifth = own({
    defect: "exited",
    exit: { code: 1, at: NOW - 1_000 },
    mark: { ...own().mark, startedAt: NOW - 5_000 },
  });
  const record = { parts: {}, portable: false, at: "iw-planner", facts: writeFacts({ exits }) };
  expect(health(wanted(), observed(fifth), record).health).toBe("crash-loop");
  expect(backoff(record, fifth, NOW)).toEqual({ crashLoop: true, exits: 5, until: NOW + 11 * 60_000 });
  expect(backoff(record, { ...fifth, exit: { code: 1, at: NOW + 700_000 } }, NOW + 701_000).crashLoop).toBe(false);
  expect(backoff(resetBackoff(record, NOW - 30_000), fifth, NOW)).toEqual({ crashLoop: false, exits: 1, until: 0 });
  // An end long after its start is no early one.
  expect(earlyExits({ exits: [] }, own({ exit: { code: 1, at: NOW } }), NOW)).toEqual([]);
});

test("the wait between restarts doubles, begins with none, and is counted from the last end", () => {
  const wait = (count: number) => {
    const exits = Array.from({ length: count }, (_, index) => NOW - index * 1_000);
    const { until } = backoff({ parts: {}, portable: false, at: "", facts: writeFacts({ exits }) }, undefined, NOW);
    return until === 0 ? 0 : until - NOW;
  };
  expect([0, 1, 2, 3, 4].map(wait)).toEqual([0, 0, 10_000, 20_000, 40_000]);
});

test("facts of an older or broken ledger are taken as far as they are sound", () => {
  expect(readFacts(undefined)).toEqual({ exits: [] });
  expect(readFacts({ conversation: 7, id: "$1", exits: [1, "2"], program: "else", more: true })).toEqual({
    id: "$1",
    exits: [1],
  });
  const facts = { conversation: "c", program: "command", startedAt: 5, exits: [1] } as const;
  expect(readFacts(writeFacts(facts))).toEqual(facts);
});

test("the conversation is said right behind the program, unless the command chooses its own", () => {
  expect(withConversation(["claude", "--model", "opus", "hello"], "id", true)).toEqual([
    "claude",
    "--resume",
    "id",
    "--model",
    "opus",
    "hello",
  ]);
  expect(withConversation(["claude"], "id", false)).toEqual(["claude", "--session-id", "id"]);
  expect(choosesNoConversation(["claude", "--continue"])).toBe(false);
  expect(choosesNoConversation(["claude", "--resume=x"])).toBe(false);
  expect(choosesNoConversation(["claude", "--", "-c"])).toBe(true);
  expect(projectFolder("/home/me/fleet_1/agents/über.x")).toBe("-home-me-fleet-1-agents--ber-x");
});

test("only the client is the client", () => {
  expect([["claude"], ["/opt/bin/claude"], ["claude.exe"]].map(isClient)).toEqual([true, true, true]);
  expect([["bash"], ["claude-agent"], ["env", "claude"], []].map(isClient)).toEqual([false, false, false, false]);
});

test("names that tmux gives back as they are", () => {
  expect(["iw-agent-1", "0", "_x", "A_b"].map(isSafeName)).toEqual([true, true, true, true]);
  expect(
    ["", "-rf", "a.b", "a:b", "#(x)", "#{pid}", "a b", "x;", "=a", "@a", "é", "a".repeat(200)].filter(isSafeName),
  ).toEqual([]);
});

test("the command when it is there, else the fallback, else nothing; a relative path counts from the agent's folder", () => {
  const { props } =
    desire(
      agentNamed("planner", { session: { ...SESSION, command: ["./run"], fallback: ["bash", "-l"] } }),
      fleetOf({ root: "/fleet", socket: "s", agents: [] }),
    )[0] ?? {};
  if (!props) throw new Error("nothing desired");
  const there = (...paths: string[]) => ({
    path: "/bin",
    find: (program: string) => (paths.includes(program) ? program : null),
  });
  expect(chooseLaunch(props, there("/fleet/agents/planner/./run"))?.program).toBe("command");
  expect(chooseLaunch(props, there("bash"))).toEqual({ program: "fallback", words: ["bash", "-l"], path: "bash" });
  expect(chooseLaunch(props, there())).toBeNull();
});

test("a server's environment is the caller's without what ties it to a tmux or a client", () => {
  const env = {
    HOME: "/h",
    TMUX: "1",
    TMUX_PANE: "1",
    TMUX_TMPDIR: "1",
    CLAUDECODE: "1",
    CLAUDE_CODE_X: "1",
    CLAUDE_CONFIG_DIR: "/c",
    PATH: "/a",
  };
  expect(serverEnvironment(env, "/s")).toEqual({ HOME: "/h", CLAUDE_CONFIG_DIR: "/c", PATH: "/s" });
});
