// Stories of the record: what is written where, what comes back.
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestParts } from "../../src/delta/digest.ts";
import type { Recorded } from "../../src/model/resource.ts";
import { AT, claudeMd, digest, localSettings, place, recorded, SOCKET, session } from "../support/ledger-fixture.ts";
import { temporary } from "../support/temp-dir.ts";

const plain = (record: Recorded | undefined): unknown => record && JSON.parse(JSON.stringify(record));

describe("what was applied", () => {
  test("is read as it was recorded: portable things from the lock file, the rest from the ledger", () => {
    const { agents, state, open } = recorded();
    const store = open();
    const records = store.records(SOCKET);
    expect(plain(records.get(AT.claudeMd))).toEqual(claudeMd);
    expect(plain(records.get(AT.local))).toEqual(localSettings);
    expect(plain(records.get(AT.session))).toEqual(session);
    expect(plain(records.get(AT.hook))).toMatchObject({ portable: true, facts: { proof: "p" } });
    expect(records.get("config/planning-agent/none")).toBeUndefined();
    expect([...records.addresses()].sort()).toEqual(Object.values(AT).sort());
    expect(store).toMatchObject({ serial: 1, stale: false, notes: [] });
    expect(store.lineage).toMatch(/^[0-9a-f-]{36}$/);
    const lock = readFileSync(join(agents, "rollcall.lock.json"), "utf8");
    expect(Object.keys(JSON.parse(lock).resources)).toEqual([AT.claudeMd, AT.hook]);
    expect(lock).not.toMatch(/proof|session|local|\/tmp|20\d\d-/);
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(statSync(join(state, "ledger.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(agents, "rollcall.lock.json")).mode & 0o777).toBe(0o644);
  });

  test("stands one record per line, sorted, so that branches merge", () => {
    const { agents } = recorded();
    const lines = readFileSync(join(agents, "rollcall.lock.json"), "utf8").split("\n");
    expect(lines.filter((line) => line.startsWith("    ")).map((line) => line.split('"')[1])).toEqual([
      AT.claudeMd,
      AT.hook,
    ]);
  });

  test("says whether it equals what is desired without being parsed, and a changed copy does not claim it", () => {
    const record = recorded().open().records(SOCKET).get(AT.claudeMd);
    const wanted = digestParts({ "": { digest: digest(1) }, mode: { digest: digest(2) } });
    expect(record?.digest).toBe(wanted);
    expect({ ...record, parts: {} }.digest).toBeUndefined();
  });

  test("is not written again when nothing changed: same bytes, same inode, same time", () => {
    const { agents, state, folders, open } = recorded();
    const facts = () =>
      [join(agents, "rollcall.lock.json"), join(state, "ledger.json")].map((path) => {
        const { ino, mtimeMs, ctimeMs } = statSync(path);
        return { ino, mtimeMs, ctimeMs };
      });
    const before = facts();
    const names = readdirSync(state);
    const repairs = [
      { address: AT.claudeMd, record: claudeMd },
      { address: AT.session, record: session },
      { address: "config/nobody/x", record: undefined },
    ];
    expect(open().commit({ repairs, socket: SOCKET }, folders)).toBe(false);
    expect(facts()).toEqual(before);
    expect(readdirSync(state)).toEqual(names);
  });

  test("counts a serial per commit, keeps its lineage, and the ledger before it", () => {
    const { state, folders, open } = recorded();
    const { lineage } = open();
    const changed = { ...localSettings, parts: { "/env": digest(9) } };
    expect(open().commit({ repairs: [{ address: AT.local, record: changed }], socket: SOCKET }, folders)).toBe(true);
    expect(open()).toMatchObject({ serial: 2, lineage });
    expect(JSON.parse(readFileSync(join(state, "ledger.json.backup"), "utf8"))).toMatchObject({ serial: 1, lineage });
    expect(readdirSync(state).sort()).toEqual(["ledger.json", "ledger.json.backup"]);
  });

  test("moves between lock file and ledger when it becomes portable, and is forgotten everywhere", () => {
    const { folders, open } = recorded();
    open().commit(
      { repairs: [{ address: AT.local, record: { ...localSettings, portable: true } }], socket: SOCKET },
      folders,
    );
    expect(plain(open().records(SOCKET).get(AT.local))).toEqual({ ...localSettings, portable: true });
    open().commit(
      {
        repairs: [
          { address: AT.local, record: undefined },
          { address: AT.hook, record: undefined },
        ],
        socket: SOCKET,
      },
      folders,
    );
    expect([...open().records(SOCKET).addresses()].sort()).toEqual([AT.claudeMd, AT.session]);
  });

  test("protection is remembered", () => {
    const { folders, open } = recorded();
    open().commit(
      { repairs: [{ address: AT.claudeMd, record: { ...claudeMd, protect: true } }], socket: SOCKET },
      folders,
    );
    expect(open().records(SOCKET).get(AT.claudeMd)).toMatchObject({ protect: true });
    expect(open().records(SOCKET).get(AT.hook)).not.toHaveProperty("protect");
  });
});

test("sessions are kept per socket", () => {
  const { folders, open } = recorded();
  const other = open().records("rollcall-other");
  expect(other.get(AT.session)).toBeUndefined();
  expect([...other.addresses()]).not.toContain(AT.session);
  expect(other.elsewhere(AT.session)).toMatchObject([{ socket: SOCKET, record: { at: "iw-planning-agent" } }]);
  expect(other.elsewhere(AT.local)).toEqual([]);
  const there = { ...session, facts: { id: "$9" } };
  open().commit({ repairs: [{ address: AT.session, record: there }], socket: "rollcall-other" }, folders);
  expect(plain(open().records(SOCKET).get(AT.session))).toEqual(session);
  expect(plain(open().records("rollcall-other").get(AT.session))).toEqual(there);
});

test("holds are set and released; a PATH from a terminal improves one from cron, once", () => {
  const { folders, open } = recorded();
  const commit = (change: object): boolean => open().commit({ socket: SOCKET, ...change }, folders);
  expect(commit({ holds: { "planning-agent": null, "backend-agent": { reason: "busy", since: "s", by: "me" } } })).toBe(
    true,
  );
  expect(open().holds).toEqual({ "backend-agent": { reason: "busy", since: "s", by: "me" } });
  expect(commit({ path: { value: "/bin", from: "other" } })).toBe(true);
  expect(commit({ path: { value: "/usr/bin", from: "other" } })).toBe(false);
  expect(commit({ path: { value: "/home/me/bin:/bin", from: "terminal" } })).toBe(true);
  expect(commit({ path: { value: "/tmp", from: "terminal" } })).toBe(false);
  expect(open().path).toEqual({ value: "/home/me/bin:/bin", from: "terminal" });
  expect(commit({ variables: { TEF_ROOT: "/srv/tef" } })).toBe(true);
  expect(commit({ variables: { TEF_ROOT: "/elsewhere" } })).toBe(false);
  expect(open().variables).toEqual({ TEF_ROOT: "/srv/tef" });
});

describe("a project that was copied", () => {
  test("forgets sessions, proofs and holds with a note, keeps file records, and says so only until the next commit", () => {
    const from = recorded();
    from.open().commit({ socket: SOCKET, variables: { TEF_ROOT: `${from.root}/sub`, OTHER: "/srv" } }, from.folders);
    const root = join(temporary(), "copy");
    cpSync(from.root, root, { recursive: true });
    const copy = place(root);
    const store = copy.open();
    expect(store.notes).toMatchObject([{ code: "W401", severity: "warning" }]);
    expect(store).toMatchObject({ stale: true, holds: {}, variables: { OTHER: "/srv" } });
    const records = store.records(SOCKET);
    expect(records.get(AT.session)).toBeUndefined();
    expect(plain(records.get(AT.local))).toEqual(localSettings);
    expect(records.get(AT.hook)).not.toHaveProperty("facts");
    expect(store.commit({ socket: SOCKET }, copy.folders)).toBe(true);
    expect(copy.open()).toMatchObject({ stale: false, notes: [] });
    expect(from.open().records(SOCKET).get(AT.session)).toBeDefined();
  });
});

describe("a file that is missing", () => {
  test("is empty, and the other one still counts", () => {
    const { state, agents, open } = recorded();
    rmSync(join(state, "ledger.json"));
    expect(open()).toMatchObject({ lineage: "", serial: 0, present: { ledger: false, lockFile: true } });
    expect([...open().records(SOCKET).addresses()].sort()).toEqual([AT.claudeMd, AT.hook]);
    rmSync(join(agents, "rollcall.lock.json"));
    expect([...open().records(SOCKET).addresses()]).toEqual([]);
  });
});

describe("other layouts of the same", () => {
  test("a lock file that a formatter laid out anew, or a checkout gave CRLF, reads the same", () => {
    const { agents, open } = recorded();
    const path = join(agents, "rollcall.lock.json");
    const text = readFileSync(path, "utf8");
    for (const other of [
      JSON.stringify(JSON.parse(text), null, 4),
      text.replaceAll("\n", "\r\n"),
      JSON.stringify(JSON.parse(text)),
    ]) {
      writeFileSync(path, other);
      expect(plain(open().records(SOCKET).get(AT.claudeMd))).toEqual(claudeMd);
    }
  });

  test("a ledger of format 0 is upgraded, and written in the present one by the next commit", () => {
    const { root, state, folders, open } = recorded();
    const old = {
      version: 0,
      lineage: "0b7c",
      serial: 41,
      root,
      holds: {},
      records: {
        [AT.local]: { parts: localSettings.parts, at: localSettings.at },
        [AT.claudeMd]: { parts: claudeMd.parts, at: claudeMd.at, portable: true },
        [AT.session]: { parts: session.parts, at: session.at },
      },
    };
    writeFileSync(join(state, "ledger.json"), JSON.stringify(old));
    expect(open()).toMatchObject({ lineage: "0b7c", serial: 41, stale: true });
    expect(plain(open().records(SOCKET).get(AT.local))).toEqual(localSettings);
    expect(open().records(SOCKET).get(AT.session)).toBeUndefined();
    open().commit({ socket: SOCKET }, folders);
    expect(open()).toMatchObject({ lineage: "0b7c", serial: 42, stale: false });
    expect(JSON.parse(readFileSync(join(state, "ledger.json.backup"), "utf8")).version).toBe(0);
  });
});

test("any record comes back as it was written", () => {
  const digests = fc.integer({ min: 0 }).map(digest);
  const record = fc.record({
    parts: fc.dictionary(fc.string(), digests, { noNullPrototype: true }),
    portable: fc.boolean(),
    at: fc.string(),
  });
  void fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), record), (wanted) => {
      const { folders, open } = place();
      const repairs = Object.entries(wanted).map(([name, one]) => ({ address: `config/${name}/f`, record: one }));
      open().commit({ repairs, socket: SOCKET }, folders);
      const records = open().records(SOCKET);
      for (const { address, record: one } of repairs) expect(plain(records.get(address))).toEqual(one);
    }),
    { numRuns: 40 },
  );
});
