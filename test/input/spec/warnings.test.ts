// What a spec is warned of and stays sound, and errors: all at once, up to a limit.
import { describe, expect, test } from "vitest";
import { type Declared, load, loadSound, openFleet, PLANNER, registry, told } from "../../support/spec-fixture.ts";

describe("warnings, and a spec all the same", () => {
  async function warnings(...agents: readonly Declared[]): Promise<string[]> {
    const spec = await loadSound(openFleet({ "desired/registry.yaml": registry(...agents) }));
    return spec.warnings.map(told);
  }

  test("row 64: a glob that is prose", async () => {
    const lines = ["cannot_access: [the test files, 'My Documents/**', src/**, All files in src/]"];
    expect(await warnings({ ...PLANNER, lines })).toEqual([
      'desired/registry.yaml:8:21 W151 "the test files" reads as prose and matches no path',
      'desired/registry.yaml:8:64 W151 "All files in src/" reads as prose and matches no path',
    ]);
  });

  test("row 65: a circle of delegation is told once, at the place that closes it", async () => {
    const chain = ["a", "b", "c"].map((name, at) => ({ name, lines: [`delegates_to: [${["b", "c", "a"][at]}]`] }));
    expect(await warnings(...chain)).toEqual([
      "desired/registry.yaml:22:20 W150 delegation in a circle: a → b → c → a",
    ]);
  });

  test("a mistyped tool; a tool of somebody's own is free text", async () => {
    const text = registry(PLANNER).replace("[Read, Write]", "[Raed, mcp__ref, Oracle, 'Bash(git *)']");
    const spec = await loadSound(openFleet({ "desired/registry.yaml": text }));
    expect(spec.warnings.map(told)).toEqual(['desired/registry.yaml:7:13 W153 the client knows no tool "Raed"']);
    expect(spec.warnings[0]?.hint).toBe("did you mean Read?");
  });

  test("an agent that may edit the spec: it is an administrator", async () => {
    const text = registry(PLANNER).replace("[Read, Write]", "[Read, Write]\n    edits_spec: true");
    const spec = await loadSound(openFleet({ "desired/registry.yaml": text }));
    expect(spec.agents[0]?.editsSpec).toBe(true);
    expect(spec.warnings[0]).toMatchObject({ code: "W663", message: expect.stringContaining("is an administrator") });
  });
});

test("all that is wrong is told at once: across files, and across agents although their shape is wrong", async () => {
  const { diagnostics } = await load(
    openFleet({
      "desired/registry.yaml": registry({ ...PLANNER, lines: ["delegates_to: [planer]", "enabled: perhaps"] }),
      "desired/fleet.yaml": "sesion: {}\nfiles:\n  - {template: gone.md, target: ../x, mode: 0644}\n",
    }),
  );
  expect(diagnostics.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
    "desired/fleet.yaml:1 E120",
    "desired/fleet.yaml:3 E102",
    "desired/fleet.yaml:3 E136",
    "desired/fleet.yaml:3 E124",
    "desired/registry.yaml:8 E104",
    "desired/registry.yaml:9 E121",
  ]);
  expect(diagnostics[4]?.sourceLine).toBe("    delegates_to: [planer]");
});

test("more than fifty errors end in a count", async () => {
  const lines = Array.from({ length: 70 }, (_, at) => `unknown_${at}: x`);
  const { diagnostics } = await load(openFleet({ "desired/registry.yaml": registry({ ...PLANNER, lines }) }));
  expect(diagnostics).toHaveLength(51);
  expect(diagnostics.at(-1)).toMatchObject({ code: "E199", message: "and 20 more errors of this spec" });
});
