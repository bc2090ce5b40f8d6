// Our own filters: permission rules from globs, and lists between two texts.
import { describe, expect, test } from "vitest";
import { renderFleet } from "../../../src/input/template/render.ts";
import { expandBraces } from "../../../src/model/braces.ts";
import { nearest } from "../../../src/model/nearest.ts";
import { agentSpec, MACHINE, specOf } from "../../support/spec-builders.ts";

const leaf = async (expression: string, cannotAccess: readonly string[], root = "/srv/newsroom") => {
  const machine = { ...MACHINE, folders: { ...MACHINE.folders, root } };
  const spec = specOf("x.local.json", `["{{ ${expression} }}"]`, { agents: [agentSpec({ cannotAccess })], machine });
  const { fleet, diagnostics } = await renderFleet(spec);
  const [first] = (fleet?.agents[0]?.files[0]?.json ?? []) as unknown[];
  return { value: first, diagnostics };
};

describe("edit_rules", () => {
  test("makes absolute rules below a root; a bare name matches anywhere, a slash in front is the root", async () => {
    const { value } = await leaf("agent.cannot_access | edit_rules: project.root", [
      "src/**",
      "*.sql",
      "/etc/**",
      "./docs/*",
    ]);
    expect(value).toEqual([
      "Edit(//srv/newsroom/**/*.sql)",
      "Edit(//srv/newsroom/docs/*)",
      "Edit(//srv/newsroom/etc/**)",
      "Edit(//srv/newsroom/src/**)",
    ]);
  });

  test("spells braces out, drops doubles, and takes a root with odd letters for what it is", async () => {
    const { value } = await leaf(
      "agent.cannot_access | edit_rules: project.root",
      ["{a,b}/**", "a/**"],
      "/srv/[draft] *news*",
    );
    expect(value).toEqual(["Edit(//srv/\\[draft\\] \\*news\\*/a/**)", "Edit(//srv/\\[draft\\] \\*news\\*/b/**)"]);
  });

  test("without a root the rules are relative to where the agent is started", async () => {
    expect((await leaf("agent.cannot_access | edit_rules", [".claude/**"])).value).toEqual(["Edit(.claude/**)"]);
  });

  test.each([
    "agent.env | edit_rules",
    "agent.tools | edit_rules: agent.name",
    "agent.tools | edit_rules: agent.tools",
  ])("%s is an error with its place", async (expression) => {
    expect((await leaf(expression, [])).diagnostics).toMatchObject([{ code: "E209", line: 1, col: 3 }]);
  });
});

test("wrap_each puts every element between two texts", async () => {
  expect((await leaf("agent.tools | wrap_each: '<', '>' | join: ' '", [])).value).toBe("<Bash> <Edit> <Read>");
  expect((await leaf("agent.tools | wrap_each: '-'", [])).value).toEqual(["-Bash", "-Edit", "-Read"]);
});

test("braces are spelled out, also inside each other, and never without bound", () => {
  const spelled = (glob: string): readonly string[] | null => expandBraces(glob, 1000);
  expect(spelled("src/**")).toEqual(["src/**"]);
  expect(spelled("{a,b{c,d}}/x.{js,ts}")).toEqual(["a/x.js", "a/x.ts", "bc/x.js", "bc/x.ts", "bd/x.js", "bd/x.ts"]);
  expect(spelled("{one}")).toEqual(["{one}"]);
  expect(spelled("app/{(auth),b}/**")).toEqual(["app/(auth)/**", "app/b/**"]);
  expect(spelled("{a,}x")).toEqual(["ax", "x"]);
  expect(spelled("{{a,b}}")).toEqual(["{a}", "{b}"]);
  expect(spelled("{a{b,c}")).toEqual(["{ab", "{ac"]);
  expect(spelled("{a,b")).toEqual(["{a,b"]);
  expect(spelled("a,b}")).toEqual(["a,b}"]);
  expect(spelled("\\{a,b\\}")).toEqual(["\\{a,b\\}"]);
  expect(spelled("{-$locale}")).toEqual(["{-$locale}"]);
  expect(spelled("{a,b}".repeat(30))).toBeNull();
  expect(spelled("{".repeat(4000))).toEqual(["{".repeat(4000)]);
});

test("the nearest name forgives a swap, a slip and a capital, not another word", () => {
  const known = ["model", "tools", "display_name"];
  expect(nearest("modle", known)).toBe("model");
  expect(nearest("Tool", known)).toBe("tools");
  expect(nearest("displayname", known)).toBe("display_name");
  expect(nearest("colour", known)).toBeUndefined();
});
