// Undo leaves no trace: modes, times, folders, the lock file and what was allowed before are as if the run had never been.
import { chmodSync, lstatSync, mkdirSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planShape, runShape } from "../support/documents.ts";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { allOf } from "../support/legacy-folders.ts";
import { openProject, type Project } from "../support/project-fixture.ts";

const PLANNER = "agents/planning-agent/.claude";
/** The folder in which the agents' folders and the lock file come and go. */
const UNTIMED = ["."];

async function apply(project: Project, ...words: string[]) {
  const ran = await project.run(["apply", "-y", "--files-only", "-o", "json", ...words]);
  return { ...runShape.parse(ran.json()), code: ran.code };
}

async function undo(project: Project, ...words: string[]) {
  const ran = await project.run(["undo", ...words, "-y", "-o", "json"]);
  return { ...runShape.parse(ran.json()), code: ran.code };
}

async function planned(project: Project) {
  return planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
}

/** The plan without what counts the records' changes. */
async function wishes(project: Project) {
  const { basis: _, ...plan } = await planned(project);
  return plan;
}

async function release(project: Project, ...agents: string[]): Promise<void> {
  const { code, stdout } = await project.run(["release", ...agents]);
  expect(code).toBe(0);
  expect(stdout).toContain(`released: ${agents.join(", ")};`);
}

const changed = PAIR.map((agent) => (agent.name === "planning-agent" ? { ...agent, model: "haiku" } : agent));

describe("undo", () => {
  it("of the first run of all leaves what was there before it: no folder, no lock file", async () => {
    const project = openProject({ files: { ...fleetFiles(), "agents/notes/x.md": "mine\n" } });
    const [before, wished] = [allOf(project.path("agents"), UNTIMED), await wishes(project)];
    const { id } = await apply(project);
    expect(project.exists("agents/rollcall.lock.json")).toBe(true);
    expect(await undo(project, id)).toMatchObject({ code: 0 });
    expect(allOf(project.path("agents"), UNTIMED)).toEqual(before);
    await release(project, ...PAIR.map(({ name }) => name));
    expect(await wishes(project)).toEqual(wished);
    expect(await apply(project)).toMatchObject({ code: 0, converged: true });
  });

  it("brings back modes and times: a mode that was healed, a file that was pruned with its folders", async () => {
    const project = openProject({ files: fleetFiles() });
    await apply(project);
    const then = new Date("2025-01-02T03:04:05.678Z");
    chmodSync(project.path(`${PLANNER}/settings.json`), 0o666);
    chmodSync(project.path(`${PLANNER}/hooks/auto-deny`), 0o640);
    chmodSync(project.path("agents/backend-agent/.claude"), 0o700);
    for (const file of ["CLAUDE.md", "settings.json", "hooks/auto-deny"]) {
      for (const { name } of PAIR) utimesSync(project.path(`agents/${name}/.claude/${file}`), then, then);
    }
    project.write("desired/registry.yaml", registryText(PAIR.slice(0, 1).map((one) => ({ ...one, more: [] }))));
    const picture = () =>
      allOf(project.path("agents"), ["./rollcall.lock.json"]).map((line) => line.replace(/^(\..*\|d \d+) \S+/, "$1"));
    const [before, wished] = [picture(), await wishes(project)];
    const { id, converged } = await apply(project, "--prune", "--allow-delete", "1");
    expect(converged).toBe(true);
    expect(project.exists("agents/backend-agent")).toBe(false);
    expect(lstatSync(project.path(`${PLANNER}/settings.json`)).mode & 0o777).toBe(0o644);
    expect(await undo(project, id)).toMatchObject({ code: 0 });
    expect(picture().map(toMilliseconds)).toEqual(before.map(toMilliseconds));
    await release(project, "backend-agent", "planning-agent");
    expect(await wishes(project)).toEqual(wished);
  });

  it("of an overwritten file asks for the same permission again before it is overwritten once more", async () => {
    const project = openProject({ files: { ...fleetFiles(), [`${PLANNER}/CLAUDE.md`]: "# Mine, from before\n" } });
    const { blocked } = await planned(project);
    expect(blocked.map(({ verdict, address }) => `${verdict} ${address}`)).toEqual([
      "unowned config/planning-agent/.claude/CLAUDE.md",
    ]);
    const { id } = await apply(project, "--overwrite");
    expect(project.read(`${PLANNER}/CLAUDE.md`)).not.toContain("Mine");
    expect(await undo(project, id)).toMatchObject({ code: 0 });
    expect(project.read(`${PLANNER}/CLAUDE.md`)).toBe("# Mine, from before\n");
    await release(project, "planning-agent", "backend-agent");
    expect((await planned(project)).blocked).toEqual(blocked);
    expect(await apply(project)).toMatchObject({ code: 3 });
    expect(project.read(`${PLANNER}/CLAUDE.md`)).toBe("# Mine, from before\n");
  });

  it("of one agent leaves the others; of an agent the run left alone it is refused by name", async () => {
    const project = openProject({ files: fleetFiles() });
    const { id } = await apply(project);
    const theirs = allOf(project.path("agents/backend-agent"), []);
    const stranger = await project.run(["undo", id, "planing-agent", "-y"]);
    expect(stranger.code).toBe(64);
    expect(stranger.stderr).toContain(`run ${id} changed no file of "planing-agent"`);
    expect(stranger.stderr).toContain("did you mean planning-agent?");
    expect(await undo(project, id, "planning-agent")).toMatchObject({ code: 0 });
    expect(project.exists("agents/planning-agent")).toBe(false);
    expect(allOf(project.path("agents/backend-agent"), [])).toEqual(theirs);
    expect((await planned(project)).held.map(({ agent }) => agent)).toEqual(["planning-agent"]);
  });

  it("of an undo does again what was undone, of a folder that was deleted as well", async () => {
    const files = fleetFiles({ fleet: ["retire: { delete: [trash], archive: [{ dir: old }] }"] });
    const project = openProject({ files: { ...files, "agents/trash/x": "x\n", "agents/old/y": "y\n" } });
    mkdirSync(project.path("agents/trash/empty"));
    const before = allOf(project.path("agents"), UNTIMED);
    const first = await apply(project);
    expect(first.converged).toBe(true);
    const after = allOf(project.path("agents"), [".", "./archive", "./archive/retired"]);
    const back = await undo(project, first.id);
    expect(allOf(project.path("agents"), UNTIMED)).toEqual(before);
    const again = await undo(project, back.id);
    expect(again).toMatchObject({ code: 0 });
    expect(again.outcomes.map(({ address }) => address).sort()).toEqual(
      back.outcomes.map(({ address }) => address).sort(),
    );
    const timeless = (line: string): string => line.replace(/^(\..*\|\S \d+) \S+/, "$1");
    expect(allOf(project.path("agents"), []).map(timeless)).toEqual(after.map(timeless));
    await release(project, "-", ...PAIR.map(({ name }) => name));
    expect(await wishes(project)).toMatchObject({ actions: [], blocked: [], held: [] });
  });

  it("of a folder that stands in its old place again, or whose before-image is gone, says so and exits 3", async () => {
    const files = fleetFiles({ fleet: ["retire: { delete: [trash], archive: [{ dir: old }] }"] });
    const project = openProject({ files: { ...files, "agents/trash/x": "x\n", "agents/old/y": "y\n" } });
    const { id } = await apply(project);
    project.write("agents/old/new.md", "somebody began anew\n");
    project.remove(`state/before/${id}`);
    const undone = await undo(project, id);
    expect(undone.code).toBe(3);
    const said = Object.fromEntries(undone.outcomes.map(({ address, error }) => [address, error?.message]));
    expect(said["retired/-/old"]).toContain("something in its old place again");
    expect(said["retired/-/trash"]).toContain("neither in its old place nor where the run put it");
    expect(project.read("agents/old/new.md")).toBe("somebody began anew\n");
    expect(project.read("agents/archive/retired/old/y")).toBe("y\n");
  });

  it("that has been done has nothing more to do", async () => {
    const project = openProject({ files: fleetFiles() });
    await apply(project);
    project.write("desired/registry.yaml", registryText(changed));
    const { id } = await apply(project);
    expect(await undo(project, id)).toMatchObject({ code: 0 });
    const twice = await project.run(["undo", id, "-y"]);
    expect(twice).toMatchObject({ code: 0 });
    expect(twice.stdout).toContain("Nothing to undo");
  });
});

/** Times of files come back to the millisecond. */
function toMilliseconds(line: string): string {
  return line.replace(/(\.\d{3})\d*( |$)/, "$1$2");
}
