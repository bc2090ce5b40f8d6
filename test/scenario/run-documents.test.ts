// What is kept of a run, shown again: as the document its apply printed, also when it was killed; broken ones are named.
import { expect, test } from "vitest";
import { planShape } from "../support/documents.ts";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const fleet = convergedProject({ files: fleetFiles() });

/** Ids of the runs on record, newest first. */
async function runIds(project: Project): Promise<string[]> {
  const { runs } = (await project.run(["history", "-o", "json"])).json() as unknown as { runs: { id: string }[] };
  return runs.map(({ id }) => id);
}

/** The run's document, and what it says of what remained. */
async function shown(project: Project, id: string) {
  const ran = await expectUntouched(project.root, () => project.run(["show", id, "-o", "json"]));
  expect(ran.code, ran.stderr).toBe(0);
  const document = ran.json();
  expect(document).toMatchObject({ kind: "run", id, outcomes: expect.any(Array), converged: expect.any(Boolean) });
  return { document, remaining: planShape.parse(document["remaining"]) };
}

test("a run that converged left nothing to do", async () => {
  const project = fleet();
  const [id = ""] = await runIds(project);
  const { document, remaining } = await shown(project, id);
  expect(document).toMatchObject({ converged: true });
  expect(remaining).toMatchObject({ fleet: "story-fleet", actions: [], blocked: [], deferred: [] });
});

test("what was in the way of a run is told later as well, and no content is kept for that", async () => {
  const project = fleet();
  project.write(MEMORY, "# A secret of mine\n");
  project.remove("agents/planning-agent/.claude/CLAUDE.md");
  const registry = project.read("desired/registry.yaml");
  project.write("desired/registry.yaml", registry.replaceAll("Does the", "Does all the"));
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code, applied.stderr).toBe(3);
  const [id = ""] = await runIds(project);
  const { document, remaining } = await shown(project, id);
  expect(document).toMatchObject({ converged: false, outcomes: [{ result: "done" }] });
  expect(remaining.blocked).toMatchObject([{ address: "config/backend-agent/.claude/CLAUDE.md" }]);
  expect(project.read(`state/runs/${id}.json`)).not.toContain("secret of mine");
});

test("of a run that was killed all remains that nobody heard of", async () => {
  const agents = Array.from({ length: 30 }, (_, index) => ({ name: `agent-${index + 1}` }));
  const project = openProject({ files: fleetFiles({ agents, fleet: ["  start: never"] }) });
  const { child, ended } = project.start(["apply", "-y"]);
  child.stderr?.on("data", (bytes: Buffer) => bytes.toString().includes("/121] done") && child.kill("SIGKILL"));
  expect((await ended).signal).toBe("SIGKILL");
  expect((await project.run(["apply", "-y"])).code).toBe(0);
  const [, id = ""] = await runIds(project);
  const { document, remaining } = await shown(project, id);
  expect(document).toMatchObject({ ended: null, outcomes: [], converged: false });
  expect(remaining.actions).toHaveLength(121);
  expect(remaining.summary).toMatchObject({ create: 121, pending: 121 });
});

const BROKEN: readonly (readonly [what: string, change: (run: Record<string, unknown>) => unknown])[] = [
  ["outcomes that are nothing", (run) => ({ ...run, outcomes: [null] })],
  ["an outcome without an address", (run) => ({ ...run, outcomes: [{ result: "done" }] })],
  ["files that are a text", (run) => ({ ...run, files: "agents" })],
  ["a file without a path", (run) => ({ ...run, files: [{ image: "/etc/passwd" }] })],
  ["intents that are numbers", (run) => ({ ...run, intents: [1, 2] })],
  ["no serial", ({ serial: _, ...run }) => run],
  ["moves that lead nowhere", (run) => ({ ...run, moves: [{ from: 1 }] })],
  ["remains that are a list", (run) => ({ ...run, remaining: [] })],
  ["nothing in it", () => null],
];

test.each(BROKEN)("a run's document with %s is named, not stumbled over, and nothing is written", async (_, change) => {
  const project = fleet();
  const [id = ""] = await runIds(project);
  const path = `state/runs/${id}.json`;
  project.write(path, JSON.stringify(change(JSON.parse(project.read(path)))));
  for (const args of [["show", id], ["undo", id, "-y"], ["history"]]) {
    const ran = await expectUntouched(project.root, () => project.run(args));
    expect(ran, args.join(" ")).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toMatch(new RegExp(`^error E401 cannot read .*${path}`));
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  }
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
});

test("a run that did not change anything of an agent that was registered since is shown all the same", async () => {
  const project = fleet();
  const [id = ""] = await runIds(project);
  project.write("desired/registry.yaml", registryText([{ name: "newcomer" }]));
  expect((await shown(project, id)).remaining.actions).toEqual([]);
});
