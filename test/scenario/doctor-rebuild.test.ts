// rollcall doctor --rebuild-ledger: records that cannot be read are put aside as they are, and made anew from what is there.
import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { planShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { changedPaths, expectUntouched, openProject, type Project, snapshot } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const fleet = convergedProject({ files: fleetFiles() });
const REBUILD = ["doctor", "--rebuild-ledger"];
const LOCAL = "agents/backend-agent/.claude/settings.local.json";

async function differences(project: Project) {
  const ran = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  const { actions, blocked } = planShape.parse(ran.json());
  return { code: ran.code, actions: actions.map((one) => one.address), blocked: blocked.map((one) => one.address) };
}

const aside = (project: Project, folder: string, name: string): string[] =>
  readdirSync(project.path(folder)).filter((one) => one.startsWith(name));

test.each([
  ["cut short", (text: string) => text.slice(0, 200)],
  ["edited by hand", (text: string) => text.replace('"serial": ', '"serial": 1')],
  ["no text at all", () => "\u0000\u0001"],
])("a ledger that is %s: everything stops until it is rebuilt, then nothing differs", async (_, breaking) => {
  const project = fleet();
  const broken = breaking(project.read("state/ledger.json"));
  project.write("state/ledger.json", broken);
  const plan = await project.run(["plan", "--files-only"]);
  expect(plan).toMatchObject({ code: 1, stderr: expect.stringContaining("rollcall doctor --rebuild-ledger") });

  const before = snapshot(project.path("agents"));
  const rebuilt = await project.run(REBUILD);
  expect(rebuilt.code, rebuilt.stderr).toBe(0);
  expect(changedPaths(before, snapshot(project.path("agents")))).toEqual([]);
  expect(await differences(project)).toEqual({ code: 0, actions: [], blocked: [] });
  const [kept = "", ...more] = aside(project, "state", "ledger.json.broken-");
  expect(more).toEqual([]);
  expect(rebuilt.stdout).toContain(kept);
  expect(project.read(`state/${kept}`)).toBe(broken);
  expect(project.exists("state/lock")).toBe(false);

  const again = await expectUntouched(project.path("agents"), () => project.run(REBUILD));
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to rebuild") });
});

test("a lock file with a merge conflict is made anew from the files that are as desired", async () => {
  const project = fleet();
  const whole = project.read("agents/rollcall.lock.json");
  const conflict = `<<<<<<< ours\n${whole}=======\n${whole}>>>>>>> theirs\n`;
  project.write("agents/rollcall.lock.json", conflict);
  const rebuilt = await project.run([...REBUILD, "-o", "json"]);
  expect(rebuilt.code, rebuilt.stderr).toBe(0);
  expect(rebuilt.json()).toMatchObject({ kind: "rebuild", unrecorded: [] });
  expect(project.read("agents/rollcall.lock.json")).toBe(whole);
  const [kept = ""] = aside(project, "agents", ".rollcall.lock.json.rollcall-broken-");
  expect(project.read(`agents/${kept}`)).toBe(conflict);
  expect(await differences(project)).toEqual({ code: 0, actions: [], blocked: [] });
});

test("a file that somebody changed meanwhile is not vouched for: it is named, and blocked until it is adopted", async () => {
  const project = fleet();
  project.write("state/ledger.json", "{");
  project.edit(LOCAL, '"disableAllHooks": false', '"disableAllHooks": false, "verbose": true');
  project.remove("agents/rollcall.lock.json");
  project.write("agents/planning-agent/.claude/CLAUDE.md", "mine\n");
  const rebuilt = await project.run([...REBUILD, "-o", "json"]);
  expect(rebuilt.json()).toMatchObject({ unrecorded: ["config/planning-agent/.claude/CLAUDE.md"] });
  expect(await differences(project)).toEqual({
    code: 3,
    actions: [],
    blocked: ["config/planning-agent/.claude/CLAUDE.md"],
  });
  expect(project.read("agents/planning-agent/.claude/CLAUDE.md")).toBe("mine\n");
});

test("live sessions are taken up again by their marks, none is restarted", async () => {
  const project = openProject({ files: fleetFiles() });
  expect((await project.run(["apply", "-y"])).code).toBe(0);
  const pids = () => project.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_pid}"]);
  const before = pids();
  project.write("state/ledger.json", "{");
  const rebuilt = await project.run([...REBUILD, "-o", "json"]);
  expect(rebuilt.json()).toMatchObject({ kind: "rebuild", recorded: 11, unrecorded: [] });
  const applied = await project.run(["apply", "-y"]);
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining("No differences") });
  expect(pids()).toBe(before);
});

test.each([
  [
    "the spec is not valid",
    1,
    (project: Project) => {
      project.write("state/ledger.json", "{");
      project.write("desired/registry.yaml", "agents: 7\n");
    },
  ],
  [
    "the ledger is of a newer Rollcall",
    1,
    (project: Project) => project.write("state/ledger.json", '{\n  "version": 99,\n'),
  ],
  [
    "a run is going on elsewhere",
    4,
    (project: Project) => {
      project.write("state/ledger.json", "{");
      const holder = { pid: 1, startTick: "1", bootId: "b", host: `not-${hostname()}`, command: "rollcall apply" };
      project.write("state/lock", JSON.stringify({ ...holder, since: "2026-01-01T00:00:00.000Z" }));
    },
  ],
])("%s: nothing is touched", async (_, code, arrange) => {
  const project = fleet();
  arrange(project);
  const ran = await expectUntouched(project.root, () => project.run([...REBUILD, "--lock-timeout", "0"]));
  expect(ran.code, ran.stderr).toBe(code);
});
