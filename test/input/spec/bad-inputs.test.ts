// Every bad input of the list that the spec can see: code, exact place, message, way out; in bounded time.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FIELDS } from "../../support/bad-fields.ts";
import { FILES } from "../../support/bad-files.ts";
import { PATHS } from "../../support/bad-paths.ts";
import { processorSeconds } from "../../support/processor-time.ts";
import { load, openFleet, told } from "../../support/spec-fixture.ts";

describe.each([
  { part: "files", rows: FILES },
  { part: "fields", rows: FIELDS },
  { part: "paths", rows: PATHS },
])("bad input: $part", ({ rows }) => {
  test.each(rows)("row $row: $input", async ({ files, prepare, errors, message, hint, related }) => {
    const project = openFleet();
    if (prepare !== undefined) prepare(project);
    project.put(files ?? {});
    let loaded: Awaited<ReturnType<typeof load>> | undefined;
    const took = await processorSeconds(async () => {
      loaded = await load(project);
    });
    const { spec, diagnostics = [] } = loaded ?? {};
    const found = diagnostics.filter(({ severity }) => severity === "error");
    const places = found.map(({ file, line, col, code }) => `${file}:${line}:${col} ${code}`);
    // A bomb is a row of anchors and aliases: the first of them is what is asserted.
    expect(places.slice(0, errors.length), diagnostics.map(told).join("\n")).toEqual(errors);
    if (errors.length > 1 || !places[0]?.includes("E112")) expect(places).toHaveLength(errors.length);
    expect(spec).toBeNull();
    // What a bomb unfolds to takes minutes, or never ends.
    expect(took).toBeLessThan(10);
    if (message !== undefined) expect(found[0]?.message).toMatch(message);
    if (hint !== undefined) expect(found.map((each) => each.hint ?? "").join("\n")).toMatch(hint);
    if (related !== undefined) {
      expect(
        found.flatMap((each) => each.related ?? []).map(({ file, line, col }) => `${file}:${line}:${col}`),
      ).toEqual(related);
    }
    expect(({} as Record<string, unknown>)["enabled"]).toBeUndefined();
    expect(existsSync(project.path("x"))).toBe(false);
  });
});
