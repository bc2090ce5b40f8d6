// An agent that leaves keeps its rules as long as it lives.
import { expect, it } from "vitest";
import { classify } from "../../src/engine/classify.ts";
import type { Allowance } from "../../src/engine/guard.ts";
import { makePlan } from "../../src/engine/plan.ts";
import type { Live, Observed, Recorded } from "../../src/model/resource.ts";
import { kindInMemory, observedAt, recordedAt, recordsOf } from "../support/engine-builders.ts";
import { fleetOf } from "../support/fleet.ts";

const SESSION = "session/tug/main";
const HOOK = "hook/tug/auto-deny";

interface Scene {
  /** The session as seen; undefined: it was not looked at. */
  readonly have?: Partial<Observed> | undefined;
  readonly record?: Partial<Recorded>;
  readonly allowed?: Partial<Allowance>;
  /** The agents that are still in the registry. */
  readonly agents?: readonly string[];
}

function planned({ have, record = {}, allowed = {}, agents = ["ferry", "pilot"] }: Scene) {
  const records: Record<string, Recorded> = {
    [SESSION]: recordedAt({ "": "x" }, record),
    [HOOK]: recordedAt({ "": "x" }),
  };
  const seen: [string, Observed][] = [[HOOK, observedAt(HOOK, { "": "x" })]];
  if (have) seen.push([SESSION, observedAt(SESSION, { "": "x" }, have)]);
  const judged = seen.map(([address, one]) => {
    const [kind = "", agent = ""] = address.split("/");
    return classify({
      address,
      kind,
      agent,
      want: undefined,
      have: one,
      record: records[address],
      unfinished: undefined,
    });
  });
  return makePlan({
    fleet: fleetOf(agents),
    judged,
    kinds: ["hook", "session"].map((name) => ({ ...kindInMemory(name, new Map(), []), live: name === "session" })),
    records: recordsOf(records),
    allowed: { prune: true, overwrite: false, force: false, allowDelete: 9, ...allowed },
    moved: [],
    unmanaged: [],
    warnings: [],
    now: "2026-01-01T00:00:00.000Z",
    wholeBasis: false,
  }).plan;
}

const live = (activity: Live["activity"]): Partial<Observed> => ({ live: { activity, attached: false, loses: [] } });

it("is pruned whole when it is idle, or has ended", () => {
  for (const have of [live("idle"), {}]) {
    expect(planned({ have }).actions.map((one) => one.address)).toEqual([HOOK, SESSION]);
  }
});

it.each([
  ["busy", live("busy"), "it is busy"],
  ["not to be seen", { unknown: "tmux is silent" }, "tmux is silent"],
])("keeps its hook while its session is %s", (_how, have, reason) => {
  const { actions, deferred } = planned({ have });
  expect(actions).toEqual([]);
  expect(deferred[0]).toMatchObject({ address: HOOK, since: expect.any(String) });
  expect(deferred[0]?.reason).toMatch(new RegExp(`^${SESSION} goes first: .*${reason}`));
});

it("keeps its hook, blocked, while its session may not be ended", () => {
  const { actions, blocked } = planned({ have: live("idle"), record: { protect: true } });
  expect(actions).toEqual([]);
  expect(blocked.map((one) => [one.address, one.reason])).toEqual([
    [HOOK, `${SESSION}: it is protected`],
    [SESSION, "it is protected"],
  ]);
});

it("keeps its hook when its recorded session was not looked at, but with --force", () => {
  const { actions, blocked } = planned({});
  expect(actions).toEqual([]);
  expect(blocked).toMatchObject([{ address: HOOK, hint: expect.stringContaining("without --files-only") }]);
  expect(planned({ allowed: { force: true } }).actions.map((one) => one.address)).toEqual([HOOK]);
});

it("does not wait for a session that is not ours", () => {
  const stranger = { mark: null, obstacle: { why: "unmarked", message: "taken", hint: "rename it" } };
  expect(planned({ have: stranger }).actions.map((one) => one.address)).toEqual([HOOK]);
});

it("does not keep a file that an agent which stays no longer gets: its session lives on by right", () => {
  const { actions, deferred, blocked } = planned({ have: live("busy"), agents: ["ferry", "pilot", "tug"] });
  expect(actions.map((one) => one.address)).toEqual([HOOK]);
  expect([...deferred.map((one) => one.address), ...blocked]).toEqual([SESSION]);
  expect(planned({ agents: ["ferry", "pilot", "tug"] }).actions.map((one) => one.address)).toEqual([HOOK]);
});
