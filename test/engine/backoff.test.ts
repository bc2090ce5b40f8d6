// Backoff: unattended runs leave alone what failed again and again; a person who asks starts with a clean record.
import { describe, expect, it } from "vitest";
import { classify } from "../../src/engine/classify.ts";
import { makePlan } from "../../src/engine/plan.ts";
import type { Observed, Recorded } from "../../src/model/resource.ts";
import { desiredAt, kindInMemory, observedAt, recordedAt, recordsOf } from "../support/engine-builders.ts";
import { fleetOf } from "../support/fleet.ts";

const NOW = "2026-01-01T00:10:00.000Z";
const address = "session/ferry/main";
const minutes = (count: number): number => Date.parse(NOW) + count * 60_000;

/** A session whose engine has failed until four minutes from now, and which can be forgiven. */
const engine = {
  ...kindInMemory("session", new Map(), []),
  live: true,
  capabilities: {
    restartable: {
      backoff: (_have: Observed | undefined, record: Recorded | undefined) =>
        record?.facts?.["forgiven"] ? null : { reason: "it sank 3 times", since: minutes(-1), until: minutes(4) },
      resetBackoff: (record: Recorded, now: number): Recorded => ({ ...record, facts: { forgiven: now } }),
    },
  },
};

function planned({ unattended, have }: { unattended: boolean; have: Observed }) {
  const record = recordedAt({ "": "old" }, { facts: { forgiven: 0 } });
  const one = { address, want: desiredAt(address, { "": "new" }), have, record };
  return makePlan({
    fleet: fleetOf(["ferry"]),
    judged: [classify({ ...one, kind: "session", agent: "ferry", unfinished: undefined })],
    kinds: [engine],
    records: recordsOf({ [address]: record }),
    allowed: { prune: false, overwrite: false, force: false, allowDelete: undefined, unattended },
    moved: [],
    unmanaged: [],
    warnings: [],
    now: NOW,
    wholeBasis: false,
  });
}

describe("something that failed again and again", () => {
  it.each([
    ["is dead", observedAt(address, { "": "old" })],
    ["is gone", observedAt(address, null)],
  ])("and %s rests in an unattended run, with the reason, since when, and until when", (_how, have) => {
    const { plan, steps } = planned({ unattended: true, have });
    expect(steps).toEqual([]);
    expect(plan.deferred).toMatchObject([{ address, since: "2026-01-01T00:09:00.000Z" }]);
    expect(plan.deferred[0]?.reason).toContain(
      "it sank 3 times; tried again after 2026-01-01T00:14:00.000Z, or at once by apply",
    );
  });

  it("is tried at once when a person asks, its failures forgotten", () => {
    const { plan, steps } = planned({ unattended: false, have: observedAt(address, { "": "old" }) });
    expect(plan.deferred).toEqual([]);
    expect(steps.map((step) => step.record?.facts)).toEqual([{ forgiven: Date.parse(NOW) }]);
  });

  it("but lives now is changed like any other: the new spec may be the mend", () => {
    const live = { activity: "idle" as const, attached: false, loses: [] };
    const { steps } = planned({ unattended: true, have: observedAt(address, { "": "old" }, { live }) });
    expect(steps.map((step) => step.record?.facts)).toEqual([{ forgiven: 0 }]);
  });
});
