// A renamed agent: its records go with it, nothing is made anew, nothing is left behind.
import { describe, expect, it } from "vitest";
import { withRenames } from "../../src/engine/rename.ts";
import { recordedAt, recordsOf } from "../support/engine-builders.ts";
import { agentNamed, fleetOf } from "../support/fleet.ts";

const old = "config/pilot-agent/.claude/CLAUDE.md";
const now = "config/harbour-pilot/.claude/CLAUDE.md";
const record = recordedAt({ "": "the page" });
const renamedFleet = fleetOf([], {
  agents: [agentNamed("harbour-pilot", { renamedFrom: "pilot-agent", dir: "pilot-agent" })],
});

describe("an agent with renamed_from", () => {
  it("is found under its new name with what was recorded under the old one", () => {
    const { records, repairs } = withRenames(recordsOf({ [old]: record }), renamedFleet);
    expect(records.get(now)).toEqual(record);
    expect(records.get(old)).toBeUndefined();
    expect([...records.addresses()]).toEqual([now]);
    expect(repairs).toEqual([
      { address: now, record },
      { address: old, record: undefined },
    ]);
  });

  it("stays on hold", () => {
    const hold = { reason: "debugging", since: "2026-01-01T00:00:00.000Z", by: "kim" };
    const { records } = withRenames(recordsOf({ [old]: record }, { holds: { "pilot-agent": hold } }), renamedFleet);
    expect(records.holds).toEqual({ "harbour-pilot": hold });
  });

  it("does not take the records of an agent that is still there under that name", () => {
    const both = fleetOf([], { agents: [...renamedFleet.agents, agentNamed("pilot-agent")] });
    const records = recordsOf({ [old]: record });
    expect(withRenames(records, both)).toEqual({ records, repairs: [] });
  });

  it("has nothing to move once that is done, and keeps its newer record when both are there", () => {
    const done = recordsOf({ [now]: record });
    expect(withRenames(done, renamedFleet)).toEqual({ records: done, repairs: [] });
    const newer = recordedAt({ "": "a newer page" });
    const { records, repairs } = withRenames(recordsOf({ [old]: record, [now]: newer }), renamedFleet);
    expect(records.get(now)).toEqual(newer);
    expect(repairs).toEqual([{ address: old, record: undefined }]);
  });
});
