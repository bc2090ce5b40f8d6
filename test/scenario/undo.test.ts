// Undo: what a run changed is put back byte for byte, later edits are never clobbered, and what was touched is held.
import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { openProject, type Project, snapshot } from "../support/project-fixture.ts";

const planShape = z.object({
  actions: z.array(z.object({ address: z.string(), verdict: z.string() })),
  held: z.array(z.object({ agent: z.string(), reason: z.string() })),
});
const runShape = z.object({
  id: z.string(),
  outcomes: z.array(
    z.object({ result: z.string(), error: z.object({ message: z.string(), hint: z.string().optional() }).optional() }),
  ),
});
const historyShape = z.object({ files: z.array(z.object({ path: z.string() })) });

const FILES = ["CLAUDE.md", "settings.json", "settings.local.json", "hooks/auto-deny"].flatMap((file) =>
  PAIR.map(({ name }) => `agents/${name}/.claude/${file}`),
);

function contents(project: Project): Record<string, { text: string; mode: number }> {
  return Object.fromEntries(
    FILES.map((file) => [
      file,
      { text: readFileSync(project.path(file), "utf8"), mode: statSync(project.path(file)).mode },
    ]),
  );
}

/** A fleet applied, then its planner given another model and one tool more, and applied again. */
async function appliedTwice() {
  const project = openProject({ files: fleetFiles() });
  await project.run(["apply", "-y", "--files-only"]);
  const before = contents(project);
  project.write(
    "desired/registry.yaml",
    registryText(
      PAIR.map((agent) =>
        agent.name === "planning-agent" ? { ...agent, model: "haiku", tools: ["Read", "Task", "WebFetch"] } : agent,
      ),
    ),
  );
  const { id } = runShape.parse((await project.run(["apply", "-y", "--files-only", "-o", "json"])).json());
  expect(contents(project)).not.toEqual(before);
  return { project, before, id };
}

describe("undo", () => {
  it("brings the files back byte for byte, holds the agent, and gives way after release", async () => {
    const { project, before, id } = await appliedTwice();
    expect((await project.run(["undo", id, "-y"])).code).toBe(0);
    expect(contents(project)).toEqual(before);
    const held = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
    expect(held).toEqual({ actions: [], held: [{ agent: "planning-agent", reason: `undo of run ${id}` }] });
    expect((await project.run(["release", "planning-agent"])).code).toBe(0);
    const { actions } = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
    expect(actions.map((one) => one.verdict)).toEqual(["pending", "pending", "pending"]);
  });

  it("of the first run of all takes away what it made, and nothing else", async () => {
    const project = openProject({ files: fleetFiles() });
    project.write("agents/planning-agent/notes.md", "mine\n");
    const { id } = runShape.parse((await project.run(["apply", "-y", "--files-only", "-o", "json"])).json());
    expect((await project.run(["undo", id, "-y"])).code).toBe(0);
    for (const file of FILES) expect(project.exists(file), file).toBe(false);
    expect(project.read("agents/planning-agent/notes.md")).toBe("mine\n");
  });

  it("leaves what a person changed since, says where the old content is, and exits 3", async () => {
    const { project, id } = await appliedTwice();
    const { files } = historyShape.parse((await project.run(["show", id, "-o", "json"])).json());
    const path = (files.find((file) => file.path.endsWith("settings.json"))?.path ?? "").slice(project.root.length + 1);
    project.edit(path, '"model"', '"theme": "dark",\n  "model"');
    const mine = project.read(path);
    const undone = await project.run(["undo", id, "-y", "-o", "json"]);
    expect(undone.code).toBe(3);
    expect(project.read(path)).toBe(mine);
    const blocked = runShape.parse(undone.json()).outcomes.find((one) => one.result === "blocked");
    expect(blocked?.error?.message).toContain(`changed since run ${id}`);
    expect(blocked?.error?.hint).toContain("state/before");
  });

  it("prints its plan and writes nothing when nobody can be asked", async () => {
    const { project, id } = await appliedTwice();
    const before = snapshot(project.root);
    const asked = await project.run(["undo", id]);
    expect(asked.code).toBe(64);
    expect(asked.stdout).toContain(`as it was before run ${id}`);
    expect(snapshot(project.root)).toEqual(before);
  });

  it("suggests the run that was meant", async () => {
    const { project, id } = await appliedTwice();
    const mistyped = await project.run(["undo", `${id.slice(0, -1)}x`]);
    expect(mistyped.code).toBe(64);
    expect(mistyped.stderr).toContain(`did you mean ${id}?`);
  });
});
