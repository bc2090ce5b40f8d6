// Globs of the registry that are read otherwise than they look, and how the fleet has them.
import { expect, test } from "vitest";
import { type Declared, loadSound, openFleet, PLANNER, registry, told } from "../../support/spec-fixture.ts";

async function warnings(...agents: readonly Declared[]): Promise<string[]> {
  const spec = await loadSound(openFleet({ "desired/registry.yaml": registry(...agents) }));
  return spec.warnings.map(told);
}

test("globs that are read otherwise than they look are told with what they are read as", async () => {
  const globs = [
    " src/** ",
    "src//x",
    "a/./b",
    "a/../b",
    "{a, b}/**",
    "/etc/**",
    "a|b",
    "+(a|b)",
    "x{1..3}",
    "src\\x\\**",
    "a/**, b/**",
    "~bob/x",
    "[!a]b",
  ];
  const lines = ["cannot_access:", ...globs.map((glob) => `  - '${glob}'`)];
  const found = await warnings({ ...PLANNER, lines });
  expect(found.map((one) => one.replace(/^desired\/registry\.yaml:/, ""))).toEqual([
    '9:9 W158 " src/** " is read as "src/**"',
    '10:9 W158 "src//x" is read as "src/x"',
    '11:9 W158 "a/./b" is read as "a/b"',
    '12:9 W158 "a/../b" is read as "/b"',
    '13:9 W158 "{a, b}/**" is read as "a/**", "b/**"',
    '14:9 W159 "/etc/**" is the folder etc of this project, not /etc of this machine',
    '15:9 W160 "a|b": | is a plain character',
    '16:9 W160 "+(a|b)": ( ) | + @ ! are plain characters',
    '17:9 W160 "x{1..3}": a range in braces is plain text',
    '18:9 W160 "src\\\\x\\\\**": a backslash separates no folders: it only makes the next character a plain one',
    '19:9 W160 "a/**, b/**" is one glob with a comma in it',
    '20:9 W160 "~bob/x": home folders and variables are not expanded',
    '21:9 W161 "[!a]b": a set cannot be negated, so "[!a]" closes every character',
  ]);
});

test("nothing is said of globs that mean what they look like", async () => {
  const globs = ["app/(auth)/**", "**/(admin)/**", "docs/notes (old)/**", "report (1).md", "pages/[id].tsx"].concat(
    ["[...all]/**", "{-$locale}/**", "a+b/**", "@scope/**", "x!y/**", "./src/**", "/src/**", "/", ".", "./", "../x"],
    ["\\(auth\\)/**", "**/.env*", "{a,b}/**", "$slug/x", "*~", "it's/**", "C++/**", "src/", "日本/**", "a,b/**"],
  );
  const lines = ["cannot_access:", ...globs.map((glob) => `  - ${JSON.stringify(glob)}`)];
  expect(await warnings({ ...PLANNER, lines })).toEqual([]);
});

test("the fleet has its globs tidied", async () => {
  const lines = ['cannot_access: [" src/** ", ./src/**, /src/**, ., /x, "{a,b}//c", "{d,e}/**", docs/]'];
  const spec = await loadSound(openFleet({ "desired/registry.yaml": registry({ ...PLANNER, lines }) }));
  expect(spec.agents[0]?.cannotAccess).toEqual(["src/**", "**", "/x", "a/c", "b/c", "{d,e}/**", "docs/**"]);
});
