// The gate finds what it is for: each check is run in a clone that breaks its rule and in one that keeps it (slow: real tools).
import { describe, expect, test } from "vitest";
import { openClone } from "../support/clone-fixture.ts";

const node = process.execPath;
const firstLine = "// A room for the story.\n";

describe("sizes", () => {
  const longFunction = (lines: number): string =>
    `${firstLine}export function count(): void {\n${"  count();\n".repeat(lines - 2)}}\n`;

  test("a function of 61 lines is named with its place, one of 60 is taken", () => {
    const clone = openClone({ "src/model/long.ts": longFunction(61), "src/model/fits.ts": longFunction(60) });
    const { status, stderr } = clone.run([node, "scripts/check-sizes.mjs"]);
    expect(status).toBe(1);
    expect(stderr.trim()).toBe("src/model/long.ts:2:1: count has 61 lines, at most 60");
  });

  test("a file of 301 lines is named, one of 300 is taken", () => {
    const lines = (count: number): string => firstLine + "export {};\n".repeat(count - 1);
    const clone = openClone({ "src/model/long.ts": lines(301), "src/model/fits.ts": lines(300) });
    const { status, stderr } = clone.run([node, "scripts/check-sizes.mjs"]);
    expect(status).toBe(1);
    expect(stderr.trim()).toBe("src/model/long.ts: 301 lines, at most 300");
  });
});

describe("names", () => {
  test("an empty word is found in a file name, a folder and a declaration, in any spelling", () => {
    const clone = openClone({
      "src/model/session-manager.ts": `${firstLine}export {};\n`,
      "src/utils/text.ts": `${firstLine}export {};\n`,
      "src/model/fleet.ts": `${firstLine}export const fleetHelper = 1;\nexport class RollProvider {}\n`,
    });
    const { status, stderr } = clone.run([node, "scripts/check-names.mjs"]);
    expect(status).toBe(1);
    expect(stderr.trim().split("\n").sort()).toEqual([
      'src/model/fleet.ts:2:14: fleetHelper: "helper" says nothing about what it does',
      'src/model/fleet.ts:3:14: RollProvider: "provider" says nothing about what it does',
      'src/model/session-manager.ts: the name "session-manager.ts" says nothing about what is in it',
      'src/utils/text.ts: the name "utils" says nothing about what is in it',
    ]);
  });

  test("what others have named so is theirs, and a word inside a word is none", () => {
    const clone = openClone({
      "src/model/fleet.ts": `${firstLine}import { inspect } from "node:util";\nexport const futile = inspect.custom;\n`,
    });
    const { status, stderr } = clone.run([node, "scripts/check-names.mjs"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("a file that does not say what it is for is named", () => {
    const clone = openClone({ "src/model/mute.ts": "export {};\n" });
    expect(clone.run([node, "scripts/check-names.mjs"]).stderr).toContain("src/model/mute.ts:1: the first line");
  });

  test("the folder of this very clone in a committed file is found", () => {
    const clone = openClone({});
    const again = openClone({});
    expect(clone.root).not.toBe(again.root);
    clone.run(["sh", "-c", `echo '{"root": "${clone.root}/desired"}' > place.json && git add place.json`]);
    const { status, stderr } = clone.run([node, "scripts/check-names.mjs"]);
    expect(status).toBe(1);
    expect(stderr.trim()).toBe(`place.json: names the folder ${clone.root}`);
  });
});

describe("imports", () => {
  const cruise = ["node_modules/.bin/depcruise", "--config", ".dependency-cruiser.cjs", "--output-type", "json", "src"];

  /** `file: rule` of every rule that a set of sources breaks, sorted; a file that stands alone is not the story. */
  function broken(files: Readonly<Record<string, string>>): string[] {
    const { stdout, stderr } = openClone(files).run(cruise);
    expect(stderr).toBe("");
    const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
    const lines = summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
    return [...new Set(lines)].filter((line) => !line.endsWith(": no-orphans")).sort();
  }
  const takesPlan = (path: string): string => `import type { Plan } from "${path}";\nexport type Mine = Plan;\n`;
  const sound = {
    "src/model/plan.ts": "export interface Plan { readonly name: string }\n",
    "src/engine/order.ts": takesPlan("../model/plan.ts"),
    "src/kinds/hook/diff.ts": takesPlan("../../model/plan.ts"),
    "src/kinds/hook/index.ts": takesPlan("./diff.ts").replace("Plan }", "Mine as Plan }"),
    "src/kinds/index.ts": takesPlan("./hook/index.ts").replace("Plan }", "Mine as Plan }"),
    "src/host/fs/files.ts": 'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
    "src/input/spec/yaml/read.ts": 'export const parse = async () => await import("yaml");\n',
    "src/guard/decide.ts": takesPlan("../model/plan.ts"),
    "src/reconcile.ts": `${takesPlan("./model/plan.ts")}export const run = (): void => {};\n`,
    "src/app/run/converge.ts": takesPlan("../../reconcile.ts"),
    "src/cli/chdir.ts": 'export { read } from "../host/fs/files.ts";\n',
    "src/cli/converge.ts": `${takesPlan("../app/run/converge.ts").replace("Plan }", "Mine as Plan }")}export type { Mine as Theirs } from "../reconcile.ts";\n`,
  };

  test("the rooms as they are meant to be break nothing", () => {
    expect(broken(sound)).toEqual([]);
  });

  test("every way through a wall is found, by type import and by lazy import too", () => {
    const walls: readonly (readonly [path: string, text: string, rule: string])[] = [
      ["src/engine/kinds.ts", takesPlan("../kinds/hook/diff.ts"), "room-engine"],
      ["src/kinds/config/hook.ts", takesPlan("../hook/diff.ts"), "kind-stays-home"],
      ["src/kinds/config/host.ts", takesPlan("../../host/fs/files.ts"), "kind-stays-home"],
      ["src/kinds/list.ts", takesPlan("./hook/diff.ts"), "kind-list"],
      ["src/cli/commands/plan.ts", takesPlan("../../kinds/hook/diff.ts"), "kinds-by-the-list"],
      ["src/cli/commands/order.ts", takesPlan("../../engine/order.ts"), "cli-calls-use-cases"],
      [
        "src/cli/commands/show.ts",
        'export const files = () => import("../../host/fs/files.ts");\n',
        "cli-calls-use-cases",
      ],
      ["src/cli/chdir.ts", takesPlan("../engine/order.ts"), "cli-calls-use-cases"],
      ["src/cli/commands/verify.ts", 'export { type Mine, run } from "../../reconcile.ts";\n', "cli-runs-no-loop"],
      ["src/app/run/apply.ts", takesPlan("../../cli/commands/plan.ts"), "app-knows-no-command-line"],
      ["src/kinds/hook/guard.ts", takesPlan("../../guard/decide.ts"), "kind-stays-home"],
      ["src/model/place.ts", 'import "node:path";\n', "model-imports-nothing"],
      ["src/report/text.ts", 'import "node:fs";\n', "outside-only-through-the-host"],
      ["src/report/spawn.ts", 'import "child_process";\n', "outside-only-through-the-host"],
      ["src/engine/exit.ts", 'import "node:process";\n', "process-only-at-the-edge"],
      ["src/input/config/yaml.ts", 'export const parse = async () => await import("yaml");\n', "door-yaml"],
      ["src/host/tmux.ts", 'import "execa";\n', "door-execa"],
      ["src/report/prompt.ts", 'import "@clack/prompts";\n', "door-prompts"],
      ["src/report/bundle.ts", 'import "esbuild";\n', "declared-dependencies"],
      ["src/ledger/loop.ts", 'import "../reconcile.ts";\n', "room-ledger"],
      ["src/delta/a.ts", 'import "./b.ts";\n', "no-cycles"],
      ["src/input/template/gone.ts", 'import "./nowhere.ts";\n', "resolvable"],
    ];
    const files = Object.fromEntries(walls.map(([path, text]) => [path, text]));
    const found = broken({ ...sound, ...files, "src/delta/b.ts": 'import "./a.ts";\n' });
    expect(found).toEqual(expect.arrayContaining(walls.map(([path, , rule]) => `${path}: ${rule}`)));
    for (const line of found) expect([...Object.keys(files), "src/delta/b.ts"]).toContain(line.split(":")[0]);
  });
});

test("a room that reads the environment by itself is found by the lint, a command may", () => {
  const text = `${firstLine}export const home = process.env["HOME"];\n`;
  const clone = openClone({ "src/report/home.ts": text, "src/cli/home.ts": text });
  const { status, stdout } = clone.run(["node_modules/.bin/biome", "check", "--reporter=github", "src"]);
  expect(status).toBe(1);
  expect(stdout).toContain("/src/report/home.ts,line=2");
  expect(stdout).not.toContain("src/cli/home.ts");
});
