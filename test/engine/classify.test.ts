// The verdict of a resource from its parts: what a person did, what the spec did, what an unfinished run did.
import { describe, expect, it } from "vitest";
import { digestBytes } from "../../src/delta/digest.ts";
import { type ClassifyInput, classify } from "../../src/engine/classify.ts";
import { recordVouched } from "../../src/engine/record.ts";
import { desiredAt, observedAt, partsOf, recordedAt, recordsOf } from "../support/engine-builders.ts";

const address = "config/tide-agent/.claude/settings.json";
const base: ClassifyInput = {
  address,
  kind: "config",
  agent: "tide-agent",
  want: undefined,
  have: undefined,
  record: undefined,
  unfinished: undefined,
};

describe("classify", () => {
  it("sees a key a person removed as tampering of the file", () => {
    const judged = classify({
      ...base,
      want: desiredAt(address, { "/model": "opus", "/env/A": "1" }),
      have: observedAt(address, { "/env/A": "1" }),
      record: recordedAt({ "/model": "opus", "/env/A": "1" }),
    });
    expect(judged.verdict).toBe("tampered");
    expect(judged.parts).toEqual([{ path: "/model", verdict: "vanished" }]);
  });

  it("sees a key the spec newly renders as pending, and one it stopped rendering as one to take out", () => {
    const judged = classify({
      ...base,
      want: desiredAt(address, { "/model": "opus", "/env/B": "2" }),
      have: observedAt(address, { "/model": "opus", "/env/A": "1" }),
      record: recordedAt({ "/model": "opus", "/env/A": "1" }),
    });
    expect(judged.verdict).toBe("pending");
    expect(judged.parts).toContainEqual({ path: "/env/B", verdict: "missing" });
    expect(judged.parts).toContainEqual({ path: "/env/A", verdict: "orphan" });
  });

  it("is in sync when only a stranger's key that was once ours changed", () => {
    const judged = classify({
      ...base,
      want: desiredAt(address, { "/model": "opus" }),
      have: observedAt(address, { "/model": "opus", "/env/A": "mine now" }),
      record: recordedAt({ "/model": "opus", "/env/A": "1" }),
    });
    expect(judged.verdict).toBe("in-sync");
    expect(judged.parts).toEqual([{ path: "/env/A", verdict: "tampered-orphan" }]);
  });

  it("finds a conflict in one key without giving up the others", () => {
    const judged = classify({
      ...base,
      want: desiredAt(address, { "/model": "haiku", "/env/A": "1" }),
      have: observedAt(address, { "/model": "sonnet", "/env/A": "edited" }),
      record: recordedAt({ "/model": "opus", "/env/A": "1" }),
    });
    expect(judged.verdict).toBe("conflicting");
    expect(judged.parts).toContainEqual({ path: "/model", verdict: "conflicting" });
    expect(judged.parts).toContainEqual({ path: "/env/A", verdict: "tampered" });
  });

  it("blocks a file nobody recorded as a whole, enforcement included", () => {
    const judged = classify({
      ...base,
      want: desiredAt(
        address,
        { "/model": "opus" },
        { parts: partsOf({ "/model": "opus", "/hooks": "h" }, ["/hooks"]) },
      ),
      have: observedAt(address, { "/model": "sonnet" }),
    });
    expect(judged.verdict).toBe("unowned");
    expect(judged.parts.map((part) => part.verdict)).toEqual(["unowned", "unowned"]);
  });

  it("does not take the unrecorded write of a killed run for somebody else's", () => {
    const want = desiredAt(address, { "": "new" });
    const have = observedAt(address, { "": "written by the killed run" });
    const unfinished = { "": [digestBytes("written by the killed run")] };
    expect(classify({ ...base, want, have, unfinished }).verdict).toBe("pending");
    expect(classify({ ...base, want, have, record: recordedAt({ "": "old" }), unfinished }).verdict).toBe("pending");
    expect(classify({ ...base, want, have: observedAt(address, { "": "a stranger's" }), unfinished }).verdict).toBe(
      "unowned",
    );
  });

  it("lets our mark vouch for a thing whose record was lost", () => {
    const want = desiredAt("session/tide-agent/main", { "": "fingerprint 2" });
    const marked = observedAt(want.address, { "": "fingerprint 1" }, { mark: { "": digestBytes("fingerprint 1") } });
    expect(classify({ ...base, want, have: marked }).verdict).toBe("pending");
    const unmarked = observedAt(want.address, { "": "fingerprint 1" }, { mark: null });
    expect(classify({ ...base, want, have: unmarked }).verdict).toBe("unowned");
  });

  it("records of an unfinished run what its journal vouches for, not what a mark does", () => {
    const want = desiredAt("retired/-/planning", { "": "away" }, { optional: true });
    const have = observedAt(want.address, { "": "there" }, { mark: { "": digestBytes("there") } });
    const vouchedFor = (unfinished: Record<string, string[]>) =>
      recordVouched(
        classify({ ...base, address: want.address, want, have, unfinished }),
        recordsOf({}, { unfinished: () => unfinished }),
      );
    expect(vouchedFor({})).toBeNull();
    expect(vouchedFor({ "": [digestBytes("away")] })).toBeNull();
    expect(vouchedFor({ "": [digestBytes("there")] })?.record?.parts).toEqual({ "": digestBytes("there") });
  });

  it("keeps an absent session that is started on demand in sync", () => {
    const want = desiredAt("session/tide-agent/main", { "": "fingerprint" }, { optional: true });
    expect(classify({ ...base, want, have: observedAt(want.address, null) }).verdict).toBe("in-sync");
  });

  it("tells an orphan from one that was changed since", () => {
    const record = recordedAt({ "": "ours" });
    expect(classify({ ...base, have: observedAt(address, { "": "ours" }), record }).verdict).toBe("orphan");
    expect(classify({ ...base, have: observedAt(address, { "": "edited" }), record }).verdict).toBe("tampered-orphan");
    expect(classify({ ...base, have: observedAt(address, null), record }).verdict).toBe("gone");
    expect(classify({ ...base, have: observedAt(address, { "": "a stranger's" }) }).verdict).toBe("foreign");
  });
});
