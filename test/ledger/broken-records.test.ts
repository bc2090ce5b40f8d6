// Stories of a broken record file: what is wrong with it is said, and it is never taken for an empty one.
import { readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AT, digest, recorded, SOCKET } from "../support/ledger-fixture.ts";

describe("a file that is broken is never taken for an empty one", () => {
  const LEDGER = "state/ledger.json";
  const LOCK = "agents/rollcall.lock.json";
  const cut = (share: number) => (text: string) => text.slice(0, Math.floor(text.length * share));
  test.each<[string, string, string, (text: string) => string, RegExp]>([
    ["empty ledger", LEDGER, "E401", () => "", /is empty/],
    ["ledger cut to a third", LEDGER, "E401", cut(1 / 3), /cut short/],
    ["ledger without its last line", LEDGER, "E401", (text) => text.slice(0, -3), /cut short/],
    [
      "ledger with one digit changed",
      LEDGER,
      "E401",
      (text) => text.replace('"serial": 1', '"serial": 7'),
      /digest is wrong/,
    ],
    [
      "ledger with a record taken out",
      LEDGER,
      "E401",
      (text) => text.replace(/ {4}"session.*\n/, ""),
      /digest is wrong/,
    ],
    ["ledger that is prose", LEDGER, "E401", () => "hello", /cut short or not JSON/],
    [
      "ledger of a later version",
      LEDGER,
      "E402",
      (text) => text.replace('"version": 2', '"version": 3'),
      /newer format 3/,
    ],
    ["ledger that is not UTF-8", LEDGER, "E401", () => "\u{fffd}", /not JSON/],
    ["empty lock file", LOCK, "E401", () => "", /is empty/],
    ["lock file cut in half", LOCK, "E401", cut(1 / 2), /cut short|no record/],
    ["lock file with a conflict", LOCK, "E401", (text) => text.replace("    ", "<<<<<<< HEAD\n    "), /merge conflict/],
    ["lock file with a record twice", LOCK, "E401", (text) => text.replace(/( {4}"config.*\n)/, "$1$1"), /two records/],
    [
      "lock file of a later version",
      LOCK,
      "E402",
      (text) => text.replace('"version": 1', '"version": 3'),
      /newer format 3/,
    ],
    ["lock file of version 0", LOCK, "E401", (text) => text.replace('"version": 1', '"version": 0'), /no version/],
  ])("%s", (_, file, code, breakIt, why) => {
    const { root, open } = recorded();
    const path = join(root, file);
    writeFileSync(path, breakIt(readFileSync(path, "utf8")));
    expect(open).toThrow(expect.objectContaining({ name: "RecordError", code, message: expect.stringMatching(why) }));
  });

  test("its error names the backup and the way out", () => {
    const { state, open } = recorded();
    writeFileSync(join(state, "ledger.json"), "{");
    expect(open).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/ledger\.json\.backup.*doctor --rebuild-ledger/) }),
    );
  });

  test("a lock file line with a changed digest is found when it is looked at, also after a commit", () => {
    const { agents, folders, open } = recorded();
    const path = join(agents, "rollcall.lock.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(`"":"${digest(1)}"`, `"":"${digest(7)}"`));
    const look = () => open().records(SOCKET).get(AT.claudeMd)?.parts;
    expect(look).toThrow(/does not have the digest it names/);
    open().commit({ repairs: [{ address: AT.hook, record: undefined }], socket: SOCKET }, folders);
    expect(look).toThrow(/does not have the digest it names/);
  });

  test("a link in place of the ledger is refused, not followed", () => {
    const { state, open } = recorded();
    renameSync(join(state, "ledger.json"), join(state, "real"));
    symlinkSync("real", join(state, "ledger.json"));
    expect(open).toThrow(expect.objectContaining({ code: "E401", message: expect.stringMatching(/is a link/) }));
  });

  test("any cut of any length is noticed", () => {
    const { root, open } = recorded();
    for (const file of [LEDGER, LOCK]) {
      const path = join(root, file);
      const whole = readFileSync(path);
      void fc.assert(
        fc.property(fc.integer({ min: 0, max: whole.length - 2 }), (length) => {
          writeFileSync(path, whole.subarray(0, length));
          expect(open).toThrow(expect.objectContaining({ name: "RecordError" }));
        }),
        { numRuns: 60 },
      );
      writeFileSync(path, whole);
    }
  });
});
