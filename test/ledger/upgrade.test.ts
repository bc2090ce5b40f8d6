// Records that 0.1 wrote, read by this version: everything is kept, and the next commit writes the present format.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestBytes } from "../../src/delta/digest.ts";
import { AT, place, recorded, SOCKET } from "../support/ledger-fixture.ts";
import { ledgerOf01, lockFileOf01 } from "../support/made-by-01.ts";

const LEDGER = "ledger.json";

function placeOf01() {
  const made = place();
  made.folders.state.write(LEDGER, ledgerOf01({ root: made.root, socket: SOCKET }));
  made.folders.agents.write("rollcall.lock.json", lockFileOf01());
  return made;
}

const headOf = (text: string) => JSON.parse(text) as Record<string, unknown>;

/** A ledger without records that has this head. */
function withDigest(head: Record<string, unknown>): string {
  const lines = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const proven = `{\n${lines.join("")}  "resources": {\n  },\n`;
  return `${proven}  "digest": "${digestBytes(proven)}"\n}\n`;
}

test("a ledger of 0.1 is read whole, and is to be written again", () => {
  const store = placeOf01().open();
  expect(store).toMatchObject({
    lineage: "48125e21-ea4a-4f96-a904-148713e61825",
    serial: 2,
    stale: true,
    notes: [],
    path: { value: "/usr/bin:/bin", from: "other" },
    holds: { writer: { reason: "a look" } },
  });
  const records = store.records(SOCKET);
  expect([...records.addresses()]).toHaveLength(15);
  expect(records.get("session/planner/main")).toMatchObject({
    at: "iw-planner",
    parts: { "": "2e63ed0b0c72e9074b4a875e9c319915" },
    protect: true,
    facts: { program: "command" },
  });
  expect(records.get("hook/builder/auto-deny")).toMatchObject({ portable: true, facts: { proof: expect.any(String) } });
});

test("the next commit writes format 2 and keeps the one before it; the lock file stays as it was, to the byte", () => {
  const { open, folders, state, agents } = placeOf01();
  const before = readFileSync(join(state, LEDGER), "utf8");
  expect(open().commit({ socket: SOCKET }, folders)).toBe(true);
  const after = readFileSync(join(state, LEDGER), "utf8");
  expect(after).toMatch(/^\{\n {2}"version": 2,\n/);
  expect(headOf(after)).toMatchObject({ ...headOf(before), version: 2, serial: 3, digest: expect.any(String) });
  expect(readFileSync(join(state, "ledger.json.backup"), "utf8")).toBe(before);
  expect(readFileSync(join(agents, "rollcall.lock.json"), "utf8")).toBe(lockFileOf01());
  expect(open()).toMatchObject({ stale: false, serial: 3 });
  expect(open().commit({ socket: SOCKET }, folders)).toBe(false);
});

test("a ledger of 0.1 that is cut short or edited is broken, not old", () => {
  const { open, state } = placeOf01();
  const text = readFileSync(join(state, LEDGER), "utf8");
  for (const broken of [text.slice(0, -60), text.replace('"serial": 2', '"serial": 3')]) {
    writeFileSync(join(state, LEDGER), broken);
    expect(open).toThrow(expect.objectContaining({ code: "E401" }));
  }
});

test("a field of the head that a later 0.2 adds is kept by one that does not know it", () => {
  const { state, folders, open } = recorded();
  const { version, lineage, serial, root, path, variables, holds } = headOf(readFileSync(join(state, LEDGER), "utf8"));
  expect(version).toBe(2);
  const more = { later: { a: ["b", 1] } };
  const known = { version, lineage, serial, root, path, variables, holds };
  folders.state.write(LEDGER, withDigest({ ...known, ...more }));
  expect(open().commit({ socket: SOCKET, holds: { "planning-agent": null } }, folders)).toBe(true);
  expect(headOf(readFileSync(join(state, LEDGER), "utf8"))).toMatchObject(more);
});

test("a shared part of hooks that another Rollcall wrote into the lock file is forgotten without a word", () => {
  const { agents, open, folders } = recorded();
  const path = join(agents, "rollcall.lock.json");
  const text = readFileSync(path, "utf8");
  const line = text.split("\n").find((one) => one.includes(AT.hook)) ?? "";
  writeFileSync(
    path,
    text.replace(line, `${line},\n${line.replace(AT.hook, "hook/-/from-tomorrow")}`.replace(/,,/g, ",")),
  );
  const store = open();
  expect([...store.records(SOCKET).addresses()].sort()).toEqual(Object.values(AT).sort());
  expect(store.notes).toEqual([]);
  store.commit({ socket: SOCKET, repairs: [{ address: AT.claudeMd, record: undefined }] }, folders);
  expect(readFileSync(path, "utf8")).not.toContain("from-tomorrow");
});
