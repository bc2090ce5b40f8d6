// Stories of the folder of records: whole or not at all, private, and clean after the dead.
import { existsSync, linkSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { temporary } from "../support/temp-dir.ts";

function folder() {
  const path = join(temporary(), "state");
  return { path, records: createRecordFolder({ path }) };
}

test("nothing is there until something is written, then it is private", () => {
  const { path, records } = folder();
  expect(records.read("ledger.json")).toBeNull();
  expect(records.list("runs")).toEqual([]);
  records.remove("ledger.json");
  records.tidy();
  expect(existsSync(path)).toBe(false);
  const old = process.umask(0);
  try {
    records.write("runs/0001-aaaa.json", "{}");
  } finally {
    process.umask(old);
  }
  expect(statSync(path).mode & 0o7777).toBe(0o700);
  expect(statSync(join(path, "runs")).mode & 0o7777).toBe(0o700);
  expect(statSync(join(path, "runs/0001-aaaa.json")).mode & 0o7777).toBe(0o600);
});

test("a file is created once", () => {
  const { path, records } = folder();
  expect(records.create("lock", "first")).toBe(true);
  expect(records.create("lock", "second")).toBe(false);
  expect(readFileSync(join(path, "lock"), "utf8")).toBe("first");
  expect(readdirSync(path)).toEqual(["lock"]);
});

test("a backup is the file before, whole, at every moment", () => {
  const { path, records } = folder();
  for (const text of ["one", "two", "three"]) records.write("ledger.json", text, { backup: "ledger.json.backup" });
  expect(readFileSync(join(path, "ledger.json"), "utf8")).toBe("three");
  expect(readFileSync(join(path, "ledger.json.backup"), "utf8")).toBe("two");
  expect(readdirSync(path)).toEqual(["ledger.json", "ledger.json.backup"]);
});

test("killed when the backup was made and the file not yet replaced: the next write leaves nothing beside", () => {
  const { path, records } = folder();
  records.write("ledger.json", "one");
  linkSync(join(path, "ledger.json"), join(path, "ledger.json.backup"));
  records.write("ledger.json", "two", { backup: "ledger.json.backup" });
  expect(readFileSync(join(path, "ledger.json.backup"), "utf8")).toBe("one");
  expect(readdirSync(path)).toEqual(["ledger.json", "ledger.json.backup"]);
});

test("what is appended at the same time comes in order and whole", async () => {
  const { path, records } = folder();
  records.append("journal/r.jsonl", "head\n");
  await Promise.all(Array.from({ length: 50 }, (_, nth) => records.appendTogether("journal/r.jsonl", `${nth}\n`)));
  records.append("journal/r.jsonl", "foot\n");
  const lines = ["head", ...Array.from({ length: 50 }, (_, nth) => String(nth)), "foot", ""];
  expect(readFileSync(join(path, "journal/r.jsonl"), "utf8").split("\n")).toEqual(lines);
});

test("a link in its place is refused, and what it leads to is untouched", () => {
  const { path, records } = folder();
  const outside = join(temporary(), "outside");
  writeFileSync(outside, "precious");
  records.write("x", "");
  symlinkSync(outside, join(path, "ledger.json"));
  symlinkSync(temporary(), join(path, "runs"));
  expect(() => records.read("ledger.json")).toThrow(expect.objectContaining({ code: "E503" }));
  expect(() => records.append("ledger.json", "x")).toThrow(expect.objectContaining({ code: "E501", errno: "ELOOP" }));
  expect(() => records.write("runs/a", "x")).toThrow(expect.objectContaining({ code: "E503" }));
  expect(readFileSync(outside, "utf8")).toBe("precious");
});

test("temporary files of the dead are tidied, those of the living and all others stay", () => {
  const { path, records } = folder();
  records.write("runs/a", "");
  records.write("before/0001-aaaa/agents/x", "");
  const tick = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
  const dead = [".ledger.json.rollcall-new-4194301-7-1", `.ledger.json.rollcall-new-${process.pid}-1-1`];
  const living = `.ledger.json.rollcall-new-${process.pid}-${tick}-1`;
  for (const name of [...dead, living, ".ledger.json.mine", `runs/${dead[0]}`, `before/${dead[0]}`]) {
    writeFileSync(join(path, name), "");
  }
  records.tidy();
  expect(readdirSync(path).sort()).toEqual([".ledger.json.mine", living, "before", "runs"].sort());
  expect(readdirSync(join(path, "runs"))).toEqual(["a"]);
  expect(readdirSync(join(path, "before"))).toContain(dead[0]);
});
