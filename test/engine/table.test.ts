// The decision table, row by row: the data that documents it and the switch that decides must agree.
import { describe, expect, it } from "vitest";
import { DECISION_TABLE, relate, verdictOf } from "../../src/engine/table.ts";
import { VERDICTS } from "../../src/model/verdict.ts";

const views: Record<string, { desired?: string; observed?: string; recorded?: string; unseen?: true }[]> = {
  "as-desired": [
    { desired: "d", observed: "d" },
    { desired: "d", observed: "d", recorded: "d" },
    { desired: "d", observed: "d", recorded: "r" },
  ],
  "never-there": [{ desired: "d" }],
  "recorded-but-absent": [
    { desired: "d", recorded: "d" },
    { desired: "d", recorded: "r" },
  ],
  "as-recorded": [{ desired: "d", observed: "r", recorded: "r" }],
  "changed-since-desired": [{ desired: "d", observed: "o", recorded: "d" }],
  "both-changed": [{ desired: "d", observed: "o", recorded: "r" }],
  "there-unrecorded": [{ desired: "d", observed: "o" }],
  "undesired-as-recorded": [{ observed: "r", recorded: "r" }],
  "undesired-changed": [{ observed: "o", recorded: "r" }],
  "undesired-unrecorded": [{ observed: "o" }],
  "undesired-absent": [{ recorded: "r" }],
  unseen: [{ unseen: true }, { desired: "d", observed: "d", recorded: "d", unseen: true }],
};

describe("the decision table", () => {
  for (const row of DECISION_TABLE) {
    it(`${row.desired} | ${row.observed} | ${row.recorded} is ${row.verdict}`, () => {
      const examples = views[row.relation] ?? [];
      expect(examples.length).toBeGreaterThan(0);
      for (const { desired, observed, recorded, unseen } of examples) {
        expect(relate({ desired, observed, recorded, unseen: unseen ?? false })).toBe(row.relation);
      }
      expect(verdictOf(row.relation)).toBe(row.verdict);
    });
  }

  it("has one row for each verdict and no other", () => {
    expect(DECISION_TABLE.map((row) => row.verdict).sort()).toEqual([...VERDICTS].sort());
  });

  it("never finds enforcement conflicting or unowned: it is healed", () => {
    expect(verdictOf("both-changed", true)).toBe("tampered");
    expect(verdictOf("there-unrecorded", true)).toBe("tampered");
    const enforced = DECISION_TABLE.map((row) => verdictOf(row.relation, true));
    expect(enforced).not.toContain("conflicting");
    expect(enforced).not.toContain("unowned");
  });
});
