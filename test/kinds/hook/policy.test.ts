// How globs become rules, and the guard's program becomes the text that is committed.
import { execFileSync } from "node:child_process";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestBytes } from "../../../src/delta/digest.ts";
import { fromShape, normalize, patternsIntersect } from "../../../src/guard/pattern.ts";
import { compileGlob } from "../../../src/kinds/hook/glob-rule.ts";
import { compilePolicy } from "../../../src/kinds/hook/policy.ts";
import { carriedPolicy, policyText, renderedDigest, renderHook } from "../../../src/kinds/hook/render.ts";
import { whereabouts } from "../../../src/kinds/hook/types.ts";
import { makeFleet, ROLES } from "../../support/hook-fixture.ts";

describe("a glob", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["tests/**", ["tests", "tests/a", "tests/.a/b", "tests/a\nb"], ["tests2", "src/tests", "src/tests/a", "../tests"]],
    ["*.test.*", ["a.test.ts", "src/deep/a.test.ts", ".test.x"], ["a.test", "test.ts", "a.tests.ts", "../a.test.ts"]],
    [".env", [".env", "src/.env", ".env/x"], ["env", ".env.local"]],
    ["secrets", ["secrets", "a/secrets", "a/secrets/b"], ["secrets2", "nosecrets"]],
    ["src/generated", ["src/generated", "src/generated/a/b"], ["src/generated2", "generated"]],
    ["docs/*", ["docs/a", "docs/.a", "docs/a/b"], ["docs"]],
    ["docs/*.md", ["docs/a.md", "docs/a.md/b"], ["docs/a/b.md", "docs/a.txt"]],
    ["src/**/*.sql", ["src/a.sql", "src/a/b/c.sql"], ["src/a.sqlx", "a.sql"]],
    ["**/fixtures/**", ["fixtures", "a/fixtures/b", "fixtures/a"], ["a/fixture/b"]],
    ["{a,b}/**", ["a", "a/x", "b/x"], ["c/x", "{a,b}/x"]],
    ["./tests/**", ["tests/a"], ["src/a"]],
    ["/tests/**", ["tests/a"], ["src/a"]],
    ["tests/", ["tests", "tests/a"], ["src"]],
    ["[ab]/x", ["a/x", "b/x", "a/x/y"], ["c/x"]],
    ["**", ["a", "a/b", ".x"], []],
    ["it's/**", ["it's/a"], ["its/a"]],
    ["the test files", ["the test files"], ["tests/a"]],
    ["(x", ["(x"], ["x"]],
    ["app/(auth)/**", ["app/(auth)", "app/(auth)/a"], ["app/auth", "app/auth/a"]],
    ["**/(admin)/**", ["(admin)/a", "x/y/(admin)"], ["admin/a", "x/admin"]],
    ["a|b/**", ["a|b/x"], ["a", "b/x"]],
    ["+(a|b)/**", ["+(a|b)/x"], ["a/x", "aa/x"]],
    ["@(a)/**", ["@(a)/x"], ["a/x"]],
    ["x!y/**", ["x!y/z"], ["xy/z"]],
    ["c++/**", ["c++/x"], ["c/x", "ccc/x"]],
    ["[slug]/**", ["[slug]/x", "s/x"], ["slug/x", "x/x"]],
    ["app/[...all]/**", ["app/[...all]/x"], ["app/all/x"]],
    ["app/[[...all]]/**", ["app/[[...all]]/x"], ["app/[...all]/x"]],
    ["[a-c]x/**", ["ax/y", "cx/y", "[a-c]x/y"], ["dx/y", "-x/y"]],
    ["[c-a]x", ["ax", "[c-a]x"], ["dx"]],
    ["[+-9]x/y", ["5x/y"], ["/x/y"]],
    ["[!a]x", ["bx", "ax", "[!a]x"], ["x", "bbx"]],
    ["[😀x]y", ["😀y", "xy", "[😀x]y"], ["zy"]],
    ["[]", ["[]"], ["x"]],
    ["a[b", ["a[b"], ["ab"]],
    ["{-$locale}/**", ["{-$locale}/x"], ["-$locale/x", "-/x"]],
    ["{a}/**", ["{a}/x"], ["a/x"]],
    ["{1..3}/**", ["{1..3}/x"], ["1/x", "2/x"]],
    ["app/{(auth),b}/**", ["app/(auth)/x", "app/b/x"], ["app/auth/x"]],
    ["{a,b{c,d}}/**", ["a/x", "bc/x", "bd/x"], ["b/x", "bcd/x"]],
    ["x.{ts,}", ["x.ts", "x."], ["x"]],
    ["\\(auth\\)/**", ["(auth)/x", "\\(auth\\)/x"], ["auth/x"]],
    ["\\*.md", ["*.md", "a/*.md"], ["a.md"]],
    ["a**b/c", ["ab/c", "axb/c"], ["a/b/c"]],
    ["/src", ["src", "src/a"], ["lib/src"]],
    ["./Makefile", ["Makefile"], ["lib/Makefile"]],
    [".", ["", "a", "a/b", ".x"], ["../a"]],
    ["/", ["", "a/b"], ["../a"]],
    ["./", ["a/b"], ["../a"]],
    ["*", ["a", "a/b"], ["../a"]],
    ["a/../src/**", ["src/x"], ["a/src/x", "a/x"]],
    ["src//x", ["src/x"], ["src", "x"]],
    ["../x", ["../x", "../x/y"], ["x", "../y"]],
    ["../**", ["../x", "a/b"], ["../../x"]],
    ["../*/src", ["../b/src", "src"], ["lib/src"]],
    [" src/** ", ["src/x"], [" src/x"]],
    ["naïve/日本/**", ["naïve/日本/x"], ["naive/x"]],
    ["SRC/**", ["SRC/x"], ["src/x"]],
  ])("%s", (glob, inside, outside) => {
    const re = new RegExp(compileGlob(glob).re, "s");
    expect(inside.filter((one) => !re.test(one))).toEqual([]);
    expect(outside.filter((one) => re.test(one))).toEqual([]);
  });

  it("has shapes that cover at least what its rule matches", () => {
    const segment = fc.constantFrom(
      "a",
      "tests",
      "*",
      "*.ts",
      "**",
      "b?",
      "[ab]",
      "{a,b}",
      "x.{ts,js}",
      "@(a|b)",
      "[slug]",
      "(auth)",
      ".env",
    );
    const names = fc.constantFrom("a", "b", "tests", "x.ts", "x.js", "bz", ".env", "deep", "[slug]", "(auth)", "s");
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.array(names, { minLength: 1, maxLength: 4 }),
        (parts, at) => {
          const { re, shapes } = compileGlob(parts.join("/"));
          const file = at.join("/");
          const meant = (shape: string): boolean =>
            patternsIntersect(normalize(`/shop/${fromShape(shape)}`), `/shop/${file}`);
          if (new RegExp(re, "s").test(file)) expect(shapes.some(meant)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("two patterns", () => {
  it("meet exactly when one text fits both", () => {
    const token = fc.constantFrom("a", "b", "/", "\u0001", "\u0002", "\u0003");
    const text = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 6 }).map((list) => list.join(""));
    const pattern = fc.array(token, { maxLength: 5 }).map((list) => list.join(""));
    const asRegExp = (one: string): RegExp =>
      new RegExp(`^${one.replaceAll("\u0001", "[^/]").replaceAll("\u0002", "[^/]*").replaceAll("\u0003", "[^]*")}$`);
    fc.assert(
      fc.property(pattern, pattern, text, (a, b, word) => {
        if (asRegExp(a).test(word) && asRegExp(b).test(word)) expect(patternsIntersect(a, b)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(pattern, text, (a, word) => {
        expect(patternsIntersect(a, word)).toBe(asRegExp(a).test(word));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("the executable", () => {
  const fleet = makeFleet("/srv/shop", ROLES);
  const policies = fleet.agents.map((agent) => compilePolicy(agent, fleet));

  it("gives its policy back, quotes and all", () => {
    const where = whereabouts("it's here/.claude/hooks/auto-deny", "it's here", fleet);
    for (const policy of policies) {
      const odd = { ...policy, agent: 'it\'s \\ "odd" $(x) `y` \n' };
      const text = policyText(odd);
      expect(text).not.toContain("'");
      expect(carriedPolicy(renderHook(text, where).toString())).toBe(text);
      expect(renderedDigest(text, where)).toBe(digestBytes(renderHook(text, where)));
      expect(JSON.parse(text)).toEqual(odd);
    }
  });

  it("names no machine path, and is the same wherever the project lies", () => {
    const elsewhere = makeFleet("/home/ann/shop", ROLES);
    for (const [index, agent] of elsewhere.agents.entries())
      expect(compilePolicy(agent, elsewhere)).toEqual(policies[index]);
    expect(JSON.stringify(policies)).not.toContain("/srv/");
  });

  it("knows its way to the root from wherever the folders are configured", () => {
    const folders = { ...fleet.machine.folders, agents: "/srv/shop/ops/fleet/agents", state: "/srv/state" };
    const moved = { ...fleet, machine: { ...fleet.machine, folders } };
    const [agent] = moved.agents;
    const policy = agent === undefined ? undefined : compilePolicy(agent, moved);
    expect(policy).toMatchObject({ home: "ops/fleet/agents/backend-agent", root: "../../../..", up: "../.." });
    expect(policy?.places.map((place) => place.glob)).toContain("../state");
    expect(whereabouts("crew/builder/.claude/hooks/auto-deny", "crew/builder", moved)).toEqual({
      fromHook: "../../../..",
      fromHome: "../..",
      node: ".rollcall/node.local.path",
      ledger: "../../../../state/ledger.json",
    });
  });

  it("carries the program that the sources give", () => {
    const script = path.join(import.meta.dirname, "../../../scripts/build-guard.mjs");
    expect(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" })).not.toThrow();
  });
});
