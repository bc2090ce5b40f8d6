// A hold: this agent is left alone, said wherever the agent is listed, and counts nowhere.
import { expect, test } from "vitest";
import { planShape, statusShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const fleet = convergedProject({ files: fleetFiles() });

test("a held agent has no action, is listed with reason and since, and does not count", async () => {
  const project = fleet();
  project.write(MEMORY, "# Being tried out\n");
  const held = await project.run(["hold", "backend-agent", "--reason", "trying new words"]);
  expect(held.code, held.stderr).toBe(0);
  expect(held.stdout).toContain("trying new words");

  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(planned.code).toBe(0);
  const plan = planShape.parse(planned.json());
  expect(plan).toMatchObject({
    actions: [],
    held: [{ agent: "backend-agent", reason: "trying new words" }],
    summary: { drift: 0, pending: 0 },
  });
  const text = await project.run(["plan", "--files-only"]);
  expect(text.stdout).toMatch(/backend-agent: trying new words[\s\S]*rollcall release backend-agent/);

  const applied = await expectUntouched(project.root, () => project.run(["apply", "-y", "--files-only"]));
  expect(applied.code).toBe(0);
  expect(project.read(MEMORY)).toBe("# Being tried out\n");
  expect((await project.run(["verify", "--files-only"])).code).toBe(0);

  const status = statusShape.parse((await project.run(["status", "--files-only", "-o", "json"])).json());
  expect(status.agents.map(({ agent, sync, hold }) => ({ agent, sync, reason: hold?.reason }))).toEqual([
    { agent: "backend-agent", sync: "held", reason: "trying new words" },
    { agent: "planning-agent", sync: "in-sync", reason: undefined },
  ]);
});

test("release ends it, and the next apply puts right what happened meanwhile", async () => {
  const project = fleet();
  await project.run(["hold", "backend-agent", "--reason", "a demo"]);
  project.remove("agents/backend-agent");
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(project.exists("agents/backend-agent")).toBe(false);
  expect((await project.run(["release", "backend-agent"])).code).toBe(0);
  expect((await project.run(["verify", "--files-only"])).code).toBe(2);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(project.exists(MEMORY)).toBe(true);
  const again = await expectUntouched(project.root, () => project.run(["release", "backend-agent"]));
  expect(again).toMatchObject({ code: 0, stdout: "backend-agent is not held\n" });
});

test("a reason with escapes in it is shown escaped wherever it is shown", async () => {
  const project = fleet();
  const held = await project.run(["hold", "backend-agent", "--reason", "\u001b[2Jgone\nlines"]);
  const shown = [held, await project.run(["plan", "--files-only"]), await project.run(["status", "--files-only"])];
  for (const { stdout, stderr } of shown) {
    expect(stdout + stderr).not.toContain("\u001b");
    expect(stdout).toContain("\\u001b[2Jgone\\nlines");
  }
});

test("a hold outlives the loss of nothing but the ledger: naming the agent does not lift it", async () => {
  const project = fleet();
  project.write(MEMORY, "# Being tried out\n");
  await project.run(["hold", "backend-agent"]);
  const applied = await project.run(["apply", "-y", "--files-only", "backend-agent"]);
  expect(applied.code).toBe(0);
  expect(applied.stdout).toContain("held");
  expect(project.read(MEMORY)).toBe("# Being tried out\n");
});
