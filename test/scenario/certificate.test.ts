// What was put right and differs again at once: apply says so, with the field, both values and who it may have been.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { runShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import type { Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const fleet = convergedProject({ files: fleetFiles() });

/** Sets the model to haiku as soon as it is something else, a thousand times a second, as another tool would have it. */
const STUBBORN = `
const fs = require("node:fs");
const [path] = process.argv.slice(1);
setInterval(() => {
  try {
    const settings = JSON.parse(fs.readFileSync(path, "utf8"));
    if (settings.model !== "haiku") fs.writeFileSync(path, JSON.stringify({ ...settings, model: "haiku" }, null, 2));
  } catch {}
}, 1);
process.stdout.write("here");
`;

async function stubbornTool(project: Project): Promise<void> {
  const tool = spawn(process.execPath, ["-e", STUBBORN, join(project.root, SETTINGS)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void tool.kill("SIGKILL"));
  await once(tool.stdout, "data");
}

test("a tool that writes its own value back after every apply is found out: exit 2, field, both values", async () => {
  const project = fleet();
  await stubbornTool(project);
  await expect.poll(() => project.read(SETTINGS)).toContain("haiku");
  const run = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(run.code).toBe(2);
  const { converged, outcomes, remaining } = runShape.parse(run.json());
  expect(converged).toBe(false);
  expect(outcomes).toMatchObject([{ address: "config/backend-agent/.claude/settings.json", result: "done" }]);
  expect(remaining.actions).toMatchObject([
    {
      address: "config/backend-agent/.claude/settings.json",
      verdict: "tampered",
      reason: expect.stringMatching(/came back.*another program.*\/model is "haiku", we wrote "opus"/),
    },
  ]);
  const told = await project.run(["apply", "-y", "--files-only"]);
  expect(told.code).toBe(2);
  expect(told.stdout + told.stderr).toMatch(/it came back after this run wrote it[\s\S]*\/model is "haiku"/);
});
