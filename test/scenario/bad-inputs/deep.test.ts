// Documents of ours that somebody nested a hundred thousand deep: refused by name, not with a full stack.
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { fleetFiles } from "../../support/fleets.ts";
import { expectUntouched, type Project, type Ran } from "../../support/project-fixture.ts";
import { convergedProject } from "../../support/shared-project.ts";

const DEPTH = 100_000;
const MARK = '"DEEP"';
const LISTS = "[".repeat(DEPTH) + "]".repeat(DEPTH);
const OBJECTS = `${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`;
const fleet = convergedProject({ files: fleetFiles() });

/** Puts a value that goes down and down where the mark stands in the changed document. */
function nest(
  project: Project,
  path: string,
  change: (document: Record<string, unknown>) => unknown,
  deep: string,
): void {
  const changed = JSON.stringify(change(JSON.parse(project.read(path))));
  expect(changed).toContain(MARK);
  project.write(
    path,
    changed.replace(MARK, () => deep),
  );
}

async function refused(project: Project, args: readonly string[], code: number, told: RegExp): Promise<void> {
  const ran: Ran = await expectUntouched(project.root, () => project.run(args));
  expect(ran, args.join(" ")).toMatchObject({ code, stdout: "" });
  expect(ran.stderr).toMatch(told);
  expect(ran.stderr).not.toMatch(/E001|call stack|^\s+at /m);
}

test.each([
  ["lists", LISTS],
  ["objects", OBJECTS],
])("a saved plan with a value of %s inside of each other (row 68)", async (_what, deep) => {
  const project = fleet();
  project.edit("agents/backend-agent/.claude/settings.json", '"opus"', '"sonnet"');
  await project.run(["plan", "--files-only", "--out", "saved.json"]);
  nest(project, "saved.json", (plan) => ({ ...plan, actions: [{ changes: [{ after: "DEEP" }] }] }), deep);
  await refused(project, ["apply", "-y", "saved.json"], 3, /E310 saved\.json is nested deeper than any plan/);
  await refused(project, ["show", "saved.json"], 3, /E310 saved\.json is nested deeper than any plan/);
});

test("a lock file (row 44)", async () => {
  const project = fleet();
  const path = "agents/rollcall.lock.json";
  nest(project, path, (lock) => ({ ...lock, resources: { "config/a/b": { facts: "DEEP" } } }), OBJECTS);
  await refused(project, ["plan", "--files-only"], 1, /E401 cannot read .*rollcall\.lock\.json: it is nested deeper/);
  await refused(project, ["apply", "-y", "--files-only"], 1, /E401/);
});

test("the document of a run", async () => {
  const project = fleet();
  const [name = ""] = readdirSync(project.path("state/runs"));
  nest(project, `state/runs/${name}`, (run) => ({ ...run, remaining: { actions: "DEEP" } }), LISTS);
  for (const args of [
    ["show", name.replace(".json", ""), "-o", "text"],
    ["history"],
    ["undo", name.replace(".json", "")],
  ]) {
    await refused(project, args, 1, /E401 cannot read .*it is no document of a run/);
  }
});
