// Every code that the program can print has a page, and no two rooms share one.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CODES } from "../../src/report/codes/index.ts";

const src = join(import.meta.dirname, "../../src");

function sources(): string[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.startsWith("report/codes/"))
    .map((name) => readFileSync(join(src, name), "utf8"));
}

describe("the catalogue of codes", () => {
  const used = new Set(
    sources().flatMap((text) => [...text.matchAll(/"([EW]\d{3})"/g)].map((match) => match[1] ?? "")),
  );

  it("explains every code that a source names", () => {
    expect(used.size).toBeGreaterThan(50);
    expect([...used].filter((code) => !(code in CODES)).sort()).toEqual([]);
  });

  it("has each code in one table only", () => {
    const files = readdirSync(join(src, "report/codes")).filter((name) => name !== "index.ts" && name !== "code.ts");
    const all = files.flatMap((name) =>
      [...readFileSync(join(src, "report/codes", name), "utf8").matchAll(/^ {2}([EW]\d{3}): \{/gm)].map(
        (match) => match[1] ?? "",
      ),
    );
    expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([]);
    expect([...all].sort()).toEqual(Object.keys(CODES).sort());
  });

  it("says in each what it means and what to do", () => {
    for (const [code, entry] of Object.entries(CODES)) {
      expect(entry.title.length, code).toBeGreaterThan(5);
      expect(entry.meaning.length, code).toBeGreaterThan(30);
      expect(entry.remedy.length, code).toBeGreaterThan(10);
    }
  });
});
