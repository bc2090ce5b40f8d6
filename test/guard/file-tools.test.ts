// The guard on file tools: by hand-made cases, and by the property that no spelling of a denied path gets through.
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, type HookFixture, homeOf, makeFleet, openHookFixture, ROLES } from "../support/hook-fixture.ts";
import { ALLOWED, REFUSED, type ToolCase } from "./cases/paths.ts";

let yard: HookFixture;
beforeAll(() => {
  yard = openHookFixture();
});
afterAll(() => yard.close());

function reasonFor({ agent, tool, input, cwd = "." }: ToolCase): string | null {
  const filled = Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      value.replaceAll("$ROOT", yard.root).replaceAll("$HOME", homeOf(yard)),
    ]),
  );
  return ask(yard, agent, { tool, input: filled, cwd: path.join(yard.root, cwd) });
}

const titled = (list: readonly ToolCase[]): (readonly [string, ToolCase])[] =>
  list.map((one) => [`${one.agent} ${one.tool} ${JSON.stringify(one.input)} ${one.cwd ?? ""}`, one]);

describe("refused", () => {
  it.each(titled(REFUSED))("%s", (_, one) => {
    const reason = reasonFor(one);
    expect(reason).not.toBeNull();
    expect(reason).not.toContain("error in the guard");
  });
});

describe("allowed", () => {
  it.each(titled(ALLOWED))("%s", (_, one) => {
    expect(reasonFor(one)).toBeNull();
  });
});

/** Ways to write the same path. */
const detours = fc.array(
  fc.constantFrom<(target: string) => string>(
    (target) => target.replace("/shop/", "/shop/./"),
    (target) => target.replace("/shop/", "/shop/src/../"),
    (target) => target.replace("/shop/", "//shop///"),
    (target) => target.replace("/shop/", "/elsewhere/shop-link/"),
    (target) => target.replace("/shop/", "/shop/nowhere/../"),
    (target) => target.replace("/shop/tests/", "/shop/src/shared/"),
    (target) => target.replace("/shop/tests/", "/shop/src/shared/../tests/"),
    (target) => `${target}/.`,
    (target) => `${path.dirname(target)}/x/../${path.basename(target)}`,
  ),
  { maxLength: 5 },
);
const name = fc.stringMatching(/^[a-zA-Z0-9 _.\-*?[\]{}$'"\\é\n]{1,12}$/).filter((one) => !/^\.{1,2}$/.test(one));
const below = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const denied = fc.oneof(
  below.map((rest) => `tests/${rest}`),
  below.map((rest) => `test/${rest}`),
  below.map((rest) => `frontend/${rest}`),
  fc.tuple(below, name, name).map(([folder, a, b]) => `src/${folder}/${a}.test.${b}`),
  below.map((rest) => `agents/backend-agent/.claude/${rest}`),
  below.map((rest) => `state/${rest}`),
);
const tools = fc.constantFrom("Write", "Edit");

describe("no path that leads under a denied glob gets through a file tool", () => {
  it("however it is written, absolute or relative to any folder", () => {
    fc.assert(
      fc.property(
        denied,
        detours,
        tools,
        fc.constantFrom(".", "src", "docs", "agents/backend-agent"),
        fc.boolean(),
        (target, ways, tool, cwd, relative) => {
          const full = ways.reduce((at, way) => way(at), path.join(yard.root, target));
          const from = path.join(yard.root, cwd);
          const given = relative
            ? `${path.relative(from, yard.root) || "."}${full.startsWith(`${yard.root}/`) ? full.slice(yard.root.length) : `/../..${full}`}`
            : full;
          const sound = relative && !full.startsWith(`${yard.root}/`) ? full : given;
          expect(ask(yard, "backend-agent", { tool, input: { file_path: sound }, cwd: from })).not.toBeNull();
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("and none outside them is refused", () => {
    const free = fc
      .tuple(fc.constantFrom("src", "docs", "backend", "lib/deep"), fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/))
      .map(([folder, file]) => `${folder}/${file}.ts`);
    fc.assert(
      fc.property(free, tools, (target, tool) => {
        const input = { file_path: path.join(yard.root, target) };
        expect(ask(yard, "backend-agent", { tool, input, cwd: yard.root })).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe("a fleet whose access is `all`", () => {
  let closed: HookFixture;
  beforeAll(() => {
    closed = openHookFixture((root) => {
      const fleet = makeFleet(root, ROLES);
      return { ...fleet, hook: { ...fleet.hook, access: "all" } };
    });
  });
  afterAll(() => closed.close());

  it.each([
    ["Read", { file_path: "tests/helpers.py" }, true],
    ["Read", { file_path: "src/shared/helpers.py" }, true],
    ["Read", { file_path: "src/server.ts" }, false],
    ["Read", { file_path: "agents/backend-agent/.claude/CLAUDE.md" }, false],
    ["Grep", { pattern: "x", path: "tests" }, true],
    ["Grep", { pattern: "x" }, true],
    ["Grep", { pattern: "x", path: "src/db" }, false],
    ["Glob", { pattern: "tests/**" }, true],
    ["Glob", { pattern: "src/db/*" }, false],
    ["Bash", { command: "cat tests/helpers.py" }, true],
    ["Bash", { command: "cat < tests/helpers.py" }, true],
    ["Bash", { command: "grep -r x tests" }, true],
    ["Bash", { command: "cp tests/helpers.py /tmp" }, true],
    ["Bash", { command: "cat src/server.ts" }, false],
    ["Bash", { command: "npm test" }, false],
    ["Write", { file_path: "src/x.ts" }, false],
  ])("%s %o: refused %s", (tool, input, refused) => {
    const reason = ask(closed, "backend-agent", { tool, input, cwd: closed.root });
    expect(reason !== null).toBe(refused);
  });
});
