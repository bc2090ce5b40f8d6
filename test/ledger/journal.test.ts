// Stories of runs that did not end: what their journal still says, and what the next run makes of it.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFileReader } from "../../src/host/fs/files.ts";
import { beginJournal, journalChange, journalImage, journalName, journalNote } from "../../src/ledger/journal.ts";
import {
  compareRuns,
  interruptedRun,
  listRuns,
  nextRunId,
  pruneRuns,
  readRun,
  writeRun,
} from "../../src/ledger/runs.ts";
import { AT, digest, type Place, recorded, SOCKET } from "../support/ledger-fixture.ts";

const RUN = "0002-aa11";
const intent = {
  address: AT.claudeMd,
  action: "update",
  at: "planning-agent/.claude/CLAUDE.md",
  before: { "": digest(1) },
  after: { "": digest(8) },
};

function begun(): Place {
  const place = recorded();
  beginJournal(place.folders.state, { run: RUN, command: "apply", started: "2026-01-01T00:00:00.000Z" }, [intent]);
  return place;
}

describe("the journal of a run that was killed", () => {
  test("vouches for what the run may have written", () => {
    const { open } = begun();
    const records = open().records(SOCKET);
    expect(records.unfinished(AT.claudeMd)).toEqual({ "": [digest(8)] });
    expect(records.unfinished(AT.local)).toBeUndefined();
    expect(open().unfinished).toMatchObject([{ id: RUN, command: "apply", intents: [intent] }]);
  });

  test("remembers what was noted before it became true, also of something never recorded", () => {
    const { folders, open } = begun();
    journalNote(folders.state, RUN, AT.session, { conversation: "9c9c" });
    journalNote(folders.state, RUN, "session/backend-agent/main", { conversation: "1111" });
    expect(open().records(SOCKET).get(AT.session)?.facts).toEqual({ id: "$3", conversation: "9c9c" });
    expect(open().records(SOCKET).get("session/backend-agent/main")).toBeUndefined();
    expect(open().noted("session/backend-agent/main")).toEqual({ conversation: "1111" });
  });

  test("keeps the intent for a session that was seen under another name, in journal and document", () => {
    const { folders, open, state } = begun();
    const seen = { ...intent, address: AT.session, at: "iw-planning-agent", before: { "": "name:iw-lunch" } };
    const head = { run: "0003-bb22", command: "apply", started: "2026-01-01T00:00:00.000Z" };
    beginJournal(folders.state, head, [seen]);
    const killed = open().unfinished.find(({ id }) => id === head.run);
    expect(killed?.intents).toEqual([seen]);
    if (killed) writeRun(folders.state, interruptedRun(killed, 1));
    expect(readRun(createFileReader({ roots: [state] }), state, head.run)).toMatchObject({ intents: [seen] });
  });

  test("tells of files no intent names and of folders that were to move", () => {
    const { folders, open } = begun();
    const touch = { path: "/p/agents/archive/old/INDEX.md", there: false };
    const move = { from: "/p/agents/planning", to: "/p/agents/archive/old/planning" };
    journalChange(folders.state, RUN, { touch });
    journalChange(folders.state, RUN, { move });
    journalChange(folders.state, RUN, { move: { from: "/p/agents/junk", to: null } });
    expect(open().unfinished).toMatchObject([
      { intents: [intent], touched: [touch], moves: [move, { from: "/p/agents/junk", to: null }] },
    ]);
  });

  test("knows its before-images by name and inode, its temporary files by name", async () => {
    const { folders, open } = begun();
    const image = { path: "/p/agents/a/x", name: `.x.rollcall-${RUN}`, run: RUN, dev: 3, ino: 77 };
    const before = open();
    await Promise.all([journalImage(folders.state, image), journalImage(folders.state, { ...image, ino: 78 })]);
    // A store opened before asks the journal again.
    expect(before.isOwn(image)).toBe(true);
    expect(before.isOwn({ ...image, ino: 79 })).toBe(false);
    expect(before.isOwn({ ...image, name: `.y.rollcall-${RUN}.tmp1`, ino: 1 })).toBe(true);
    expect(before.isOwn({ ...image, name: ".y.rollcall-0001-ffff.tmp1", run: "0001-ffff", ino: 1 })).toBe(false);
  });

  test("may end in the middle of a line, or of its first", () => {
    const { state, open } = begun();
    const path = join(state, journalName(RUN));
    appendFileSync(path, '{"note":"session/x/main","fac');
    expect(open().unfinished).toMatchObject([{ intents: [intent] }]);
    for (const text of ['{"journal":1,"ru', ""]) {
      writeFileSync(path, text);
      expect(open().unfinished).toMatchObject([{ id: RUN, intents: [] }]);
    }
  });

  test("broken in the middle is said, not passed over; and so is a newer one", () => {
    const { state, open } = begun();
    const path = join(state, journalName(RUN));
    const [head, ...rest] = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, [head, "garbage", ...rest].join("\n"));
    expect(open).toThrow(expect.objectContaining({ name: "RecordError", code: "E403" }));
    writeFileSync(path, '{"journal":2}\n{}\n');
    expect(open).toThrow(expect.objectContaining({ code: "E402" }));
  });

  test("is where only its owner reads it", () => {
    const { state } = begun();
    expect(statSync(join(state, journalName(RUN))).mode & 0o777).toBe(0o600);
    expect(statSync(join(state, "journal")).mode & 0o777).toBe(0o700);
  });
});

describe("runs", () => {
  const run = (id: string, started = "2026-01-01T00:00:00.000Z") => {
    const serial = { before: 1, after: 2 };
    return {
      version: 1,
      id,
      command: "apply",
      started,
      ended: started,
      serial,
      converged: true,
      outcomes: [],
      intents: [],
      files: [],
    } as const;
  };

  test("are numbered on, whatever the clock says, and never twice", () => {
    const { folders, state, open } = begun();
    writeRun(folders.state, run("0009-0000", "2031-01-01T00:00:00.000Z"));
    const next = nextRunId(folders.state, open().serial);
    expect(next).toMatch(/^0010-[0-9a-f]{4}$/);
    writeRun(folders.state, run(next, "1999-01-01T00:00:00.000Z"));
    writeRun(folders.state, run("10000-abcd"));
    const files = createFileReader({ roots: [state] });
    expect(listRuns(files, state)).toEqual(["10000-abcd", next, "0009-0000"]);
    expect(["10000-abcd", "9999-abcd"].sort(compareRuns)).toEqual(["9999-abcd", "10000-abcd"]);
    expect(readRun(files, state, next)).toEqual(run(next, "1999-01-01T00:00:00.000Z"));
    expect(readRun(files, state, "0008-0000")).toBeNull();
    expect(readRun(files, state, "../ledger")).toBeNull();
  });

  test("keep their before-images for twenty runs or thirty days, those of a killed one until it is cleared up", () => {
    const { folders, state } = begun();
    const files = createFileReader({ roots: [state] });
    const day = 24 * 3600 * 1000;
    const ids = Array.from({ length: 25 }, (_, nth) => `${String(nth + 1).padStart(4, "0")}-bbbb`);
    for (const id of [...ids, RUN]) mkdirSync(join(state, "before", id, "agents"), { recursive: true });
    for (const id of ids) writeRun(folders.state, run(id, new Date(id === "0020-bbbb" ? 0 : 60 * day).toISOString()));
    // A document somebody broke tells no time: its images go by number only.
    writeFileSync(join(state, "runs/0024-bbbb.json"), "{}");
    pruneRuns(files, folders.state, 61 * day);
    const kept = readdirSync(join(state, "before"));
    expect(kept).toEqual([RUN, ...ids.slice(5)].filter((id) => id !== "0020-bbbb").sort());
    expect(listRuns(files, state)).toHaveLength(25);
  });
});
