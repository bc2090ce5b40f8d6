// The choices of a plan under its limits: busy sessions, prune budgets, holds, protection, report-only policies.
import { describe, expect, it } from "vitest";
import { type ClassifyInput, classify } from "../../src/engine/classify.ts";
import type { Allowance } from "../../src/engine/guard.ts";
import { makePlan } from "../../src/engine/plan.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import type { Live, Observed, Recorded, Records } from "../../src/model/resource.ts";
import { desiredAt, kindInMemory, observedAt, recordedAt, recordsOf } from "../support/engine-builders.ts";
import { fleetOf } from "../support/fleet.ts";

const careful: Allowance = { prune: false, overwrite: false, force: false, allowDelete: undefined };

interface Scene {
  readonly resources: readonly Pick<ClassifyInput, "address" | "want" | "have" | "record">[];
  readonly allowed?: Partial<Allowance>;
  readonly fleet?: Fleet;
  readonly records?: Partial<Records>;
}

function planned({ resources, allowed, fleet, records }: Scene) {
  const judged = resources.map((one) => {
    const [kind = "", agent = ""] = one.address.split("/");
    return classify({ ...one, kind, agent, unfinished: undefined });
  });
  const recorded: Record<string, Recorded> = {};
  for (const { address, record } of resources) if (record) recorded[address] = record;
  return makePlan({
    fleet: fleet ?? fleetOf(["ferry"]),
    judged,
    kinds: ["config", "session"].map((name) => ({ ...kindInMemory(name, new Map(), []), live: name === "session" })),
    records: recordsOf(recorded, records),
    allowed: { ...careful, ...allowed },
    moved: [],
    unmanaged: [],
    warnings: [],
    now: "2026-01-01T00:00:00.000Z",
    wholeBasis: false,
  });
}

const session = "session/ferry/main";
function liveSession(live: Partial<Live>, more: Partial<Observed> = {}) {
  return observedAt(
    session,
    { "": "old" },
    { live: { activity: "idle", attached: false, loses: [], ...live }, ...more },
  );
}
const stale = (have: Observed, more = {}) => ({
  address: session,
  want: desiredAt(session, { "": "new" }, more),
  have,
  record: recordedAt({ "": "old" }),
});

describe("a session started from an older spec", () => {
  it.each([
    [{ activity: "busy" }, "busy"],
    [{ activity: "unknown" }, "counts as busy"],
    [{ activity: "waiting" }, "waits for an answer"],
    [{ activity: "idle", attached: true }, "attached"],
  ] as const)("is put off while %o", (live, reason) => {
    const { plan, steps, disturbs } = planned({ resources: [stale(liveSession(live))] });
    expect(steps).toEqual([]);
    expect(plan.deferred.map((one) => one.address)).toEqual([session]);
    expect(plan.deferred[0]?.reason).toContain(reason);
    expect([...disturbs]).toEqual([session]);
  });

  it("is replaced when it is idle, and when forced", () => {
    expect(planned({ resources: [stale(liveSession({ activity: "idle" }))] }).steps).toHaveLength(1);
    expect(
      planned({ resources: [stale(liveSession({ activity: "busy", attached: true }))], allowed: { force: true } })
        .steps,
    ).toHaveLength(1);
  });

  it("with on_change always is replaced while busy, but not while somebody is attached", () => {
    const always = { onChange: "always" as const };
    expect(planned({ resources: [stale(liveSession({ activity: "busy" }), always)] }).steps).toHaveLength(1);
    expect(planned({ resources: [stale(liveSession({ attached: true }), always)] }).plan.deferred).toHaveLength(1);
  });

  it("with on_change never is left alone and does not count", () => {
    const { plan } = planned({ resources: [stale(liveSession({}), { onChange: "never" })] });
    expect([...plan.actions, ...plan.deferred, ...plan.blocked]).toEqual([]);
  });
});

describe("a taken name", () => {
  it("is blocked whatever is allowed, also with force and overwrite", () => {
    const obstacle = {
      why: "unmarked",
      message: "a session of that name is not ours",
      hint: "adopt it by its address",
    };
    const have = observedAt(session, { "": "a stranger" }, { mark: null, obstacle });
    const scene = {
      resources: [
        { address: session, want: desiredAt(session, { "": "new" }), have, record: recordedAt({ "": "old" }) },
      ],
    };
    const { plan, steps } = planned({ ...scene, allowed: { force: true, overwrite: true, prune: true } });
    expect(steps).toEqual([]);
    expect(plan.blocked).toEqual([
      { address: session, verdict: "unowned", reason: obstacle.message, hint: obstacle.hint },
    ]);
  });
});

describe("a settings file with one key in conflict", () => {
  const address = "config/ferry/.claude/settings.json";
  const conflict = {
    address,
    want: desiredAt(address, { "/model": "haiku", "/env/A": "1" }),
    have: observedAt(address, { "/model": "sonnet", "/env/A": "edited" }),
    record: recordedAt({ "/model": "opus", "/env/A": "1" }),
  };

  it("is healed but for that key, which is blocked with its pointer", () => {
    const { plan, steps } = planned({ resources: [conflict] });
    expect(steps[0]?.write).toEqual(["/env/A"]);
    expect(plan.actions[0]?.verdict).toBe("tampered");
    expect(plan.blocked.map(({ address: where, verdict }) => [where, verdict])).toEqual([
      [`${address}#/model`, "conflicting"],
    ]);
  });

  it("is written whole with --overwrite", () => {
    const { plan, steps } = planned({ resources: [conflict], allowed: { overwrite: true } });
    expect([...(steps[0]?.write ?? [])].sort()).toEqual(["/env/A", "/model"]);
    expect(plan.blocked).toEqual([]);
  });
});

describe("orphans", () => {
  const orphans = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const address = `config/boat-${index}/.claude/CLAUDE.md`;
      return {
        address,
        want: undefined,
        have: observedAt(address, { "": "ours" }),
        record: recordedAt({ "": "ours" }),
      };
    });

  it("are listed and left alone without --prune", () => {
    const { plan, steps } = planned({ resources: orphans(2) });
    expect(steps).toEqual([]);
    expect(plan.orphans).toHaveLength(2);
  });

  it("over the budget are refused as a whole, naming the flag that would allow it", () => {
    const { plan, steps } = planned({ resources: orphans(47), allowed: { prune: true } });
    expect(steps).toEqual([]);
    expect(plan.blocked).toHaveLength(47);
    expect(plan.blocked[0]?.hint).toContain("--allow-delete 47");
    expect(planned({ resources: orphans(47), allowed: { prune: true, allowDelete: 47 } }).steps).toHaveLength(47);
  });

  it("that are protected or were changed stay", () => {
    const [first, second] = orphans(2);
    if (!first || !second) throw new Error("two orphans were made");
    const guarded = { ...first, record: { ...first.record, protect: true as const } };
    const edited = { ...second, have: observedAt(second.address, { "": "edited" }) };
    const { plan, steps } = planned({ resources: [guarded, edited], allowed: { prune: true, allowDelete: 9 } });
    expect(steps).toEqual([]);
    expect(plan.blocked.map((one) => one.reason)).toEqual([
      "it is protected",
      "it was changed since Rollcall wrote it",
    ]);
  });

  it("whose files are gone are forgotten", () => {
    const [one] = orphans(1);
    if (!one) throw new Error("an orphan was made");
    const { plan } = planned({ resources: [{ ...one, have: observedAt(one.address, null) }] });
    expect(plan.actions.map((action) => [action.action, action.verdict])).toEqual([["forget", "gone"]]);
  });
});

describe("an agent on hold", () => {
  it("gets no action, is listed, and does not count", () => {
    const address = "config/ferry/.claude/CLAUDE.md";
    const hold = { reason: "debugging", since: "2026-01-01T00:00:00.000Z", by: "kim" };
    const { plan, steps } = planned({
      resources: [
        { address, want: desiredAt(address, { "": "new" }), have: observedAt(address, null), record: undefined },
      ],
      records: { holds: { ferry: hold } },
    });
    expect(steps).toEqual([]);
    expect(plan.held).toEqual([{ agent: "ferry", reason: "debugging", since: hold.since }]);
    expect(plan.summary).toMatchObject({ create: 0, drift: 0, pending: 0 });
  });
});

describe("a kind that is only reported", () => {
  it("is put off with the policy as its reason", () => {
    const base = fleetOf(["ferry"]);
    const fleet = { ...base, policy: { ...base.policy, enforce: { config: "report" as const } } };
    const address = "config/ferry/.claude/CLAUDE.md";
    const { plan, steps } = planned({
      resources: [
        { address, want: desiredAt(address, { "": "new" }), have: observedAt(address, null), record: undefined },
      ],
      fleet,
    });
    expect(steps).toEqual([]);
    expect(plan.deferred[0]?.reason).toContain("policy.enforce.config is report");
  });
});

describe("records", () => {
  it("that are missing for things in sync are repaired without an action", () => {
    const address = "config/ferry/.claude/CLAUDE.md";
    const want = desiredAt(address, { "": "right" });
    const { plan, repairs } = planned({
      resources: [{ address, want, have: observedAt(address, { "": "right" }, { same: true }), record: undefined }],
    });
    expect(plan.actions).toEqual([]);
    expect(repairs.map((one) => one.address)).toEqual([address]);
  });
});
