// An agent that is switched off: it shall not run, and its rules stay as the registry has them. Its session's side is
// told in test/integration/prune.test.ts.
import { expect, test } from "vitest";
import { planShape } from "../support/documents.ts";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";

const OFF = PAIR.map((agent) =>
  agent.name === "backend-agent" ? { ...agent, more: [...(agent.more ?? []), "enabled: false"] } : agent,
);
const SETTINGS = "agents/backend-agent/.claude/settings.json";

async function planned(project: Project, words: readonly string[] = []) {
  const ran = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json", ...words]);
  return { code: ran.code, plan: planShape.parse(ran.json()) };
}

test("its files are made, and switching it off or on changes none of them", async () => {
  const project = openProject({ files: fleetFiles({ agents: OFF }) });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(project.exists(SETTINGS)).toBe(true);
  project.write("desired/registry.yaml", registryText(PAIR));
  expect(await planned(project)).toMatchObject({ code: 0, plan: { actions: [], orphans: [] } });
});

test("drift of its rules is healed, a change of the spec is applied, and --prune takes nothing of it", async () => {
  const project = openProject({ files: fleetFiles({ agents: OFF }) });
  await project.run(["apply", "-y", "--files-only"]);
  project.write("agents/backend-agent/.claude/hooks/auto-deny", "#!/bin/sh\nexit 0\n", 0o755);
  project.write("desired/registry.yaml", registryText(OFF.map((agent) => ({ ...agent, model: "haiku" }))));
  const { plan } = await planned(project, ["--prune"]);
  expect(plan.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "pending config/backend-agent/.claude/settings.json",
    "pending config/planning-agent/.claude/settings.json",
    "tampered hook/backend-agent/auto-deny",
  ]);
  expect((await project.run(["apply", "-y", "--files-only", "--prune"])).code).toBe(0);
  expect(project.read(SETTINGS)).toContain('"haiku"');
  expect((await planned(project, ["--prune"])).code).toBe(0);
});

test("status lists it, and the others may still be handed work to", async () => {
  const project = openProject({ files: fleetFiles({ agents: OFF }) });
  await project.run(["apply", "-y", "--files-only"]);
  expect((await project.run(["validate"])).code).toBe(0);
  const status = (await project.run(["status", "--files-only", "-o", "json"])).json();
  expect(status["agents"]).toMatchObject([
    { agent: "backend-agent", sync: "in-sync", session: null },
    { agent: "planning-agent", sync: "in-sync" },
  ]);
});
