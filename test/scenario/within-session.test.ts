// From inside an agent's session nothing is widened and nothing of one's own is ended; and nothing is written outside of
// the project unless a person says so.
import { expect, test } from "vitest";
import { errorShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";

const NARROW = 'cannot_access: ["frontend/**", "*.test.*"]';
const env = { ROLLCALL_AGENT: "backend-agent" };

async function applied(): Promise<Project> {
  const project = openProject({ files: fleetFiles() });
  const ran = await project.run(["apply", "-y", "--files-only"]);
  expect(ran.code, ran.stderr).toBe(0);
  return project;
}

test.each([["apply", "-y"], ["reconcile"]])(
  "%s from inside a session widens nothing: E910, exit 1, nothing written",
  async (...verb) => {
    const project = await applied();
    project.edit("desired/registry.yaml", NARROW, 'cannot_access: ["frontend/**"]');
    project.edit("desired/fleet.yaml", "session:\n", "policy: { unattended_widening: allow }\nsession:\n");
    const ran = await expectUntouched(project.root, () =>
      project.run([...verb, "--files-only", "-o", "json"], { env }),
    );
    expect(ran.code).toBe(1);
    expect(errorShape.parse(ran.json())).toMatchObject({
      code: "E910",
      message: expect.stringMatching(/would give more rights: deny .*test.* goes/),
    });
    const person = await project.run([...verb, "--files-only"]);
    expect(person.code, person.stderr).toBe(0);
    expect(person.stdout).toContain("WIDENED");
  },
);

test("from inside a session what takes rights away, or heals, is done", async () => {
  const project = await applied();
  project.edit("desired/registry.yaml", NARROW, 'cannot_access: ["frontend/**", "*.test.*", "docs/**"]');
  const ran = await project.run(["apply", "-y", "--files-only"], { env });
  expect(ran.code, ran.stderr).toBe(0);
});

test("an undo from inside a session gives no right back", async () => {
  const project = await applied();
  project.edit("desired/registry.yaml", NARROW, 'cannot_access: ["frontend/**", "*.test.*", "docs/**"]');
  const { id } = (await project.run(["apply", "-y", "--files-only", "-o", "json"])).json() as unknown as { id: string };
  const ran = await expectUntouched(project.root, () => project.run(["undo", id, "-y"], { env }));
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("E910");
});

test("stop from inside a session does not end that session", async () => {
  const project = await applied();
  const ran = await project.run(["stop", "backend-agent"], { env });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("E911");
});

test("an agents folder outside of the project: plan warns, apply and reconcile refuse without --allow-outside", async () => {
  const project = openProject({ files: { ...fleetFiles(), "rollcall.config.yaml": "agents: ../elsewhere\n" } });
  const plan = await project.run(["plan", "--files-only"]);
  expect(plan.code, plan.stderr).toBe(0);
  expect(plan.stderr).toContain("W664");
  for (const verb of [["apply", "-y"], ["reconcile"]]) {
    const ran = await project.run([...verb, "--files-only"]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("E360");
    expect(project.exists("../elsewhere")).toBe(false);
  }
  const meant = await project.run(["apply", "-y", "--files-only", "--allow-outside"]);
  expect(meant.code, meant.stderr).toBe(0);
  expect(project.exists("../elsewhere/backend-agent/.claude/settings.json")).toBe(true);
});
