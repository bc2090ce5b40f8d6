// The compiled spec kept between runs: the same plan with it and without it, and never an old one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { openProject, type Project, snapshot } from "../support/project-fixture.ts";
import { compiled } from "../support/temp-dir.ts";

const takeLock = new URL("../support/take-lock.ts", import.meta.url).pathname;

const planShape = z.looseObject({ actions: z.array(z.object({ address: z.string() })), basis: z.unknown() });

async function plansOf(project: Project, env: Record<string, string> = {}) {
  const flags = ["plan", "--files-only", "-o", "json"];
  const kept = await project.run(flags, { env });
  const compiled = await project.run([...flags, "--no-cache"], { env });
  return { kept, compiled };
}

const CHANGES: readonly (readonly [string, (project: Project) => unknown])[] = [
  ["nothing", () => {}],
  [
    "a model in the registry",
    (project) =>
      project.write("desired/registry.yaml", registryText(PAIR.map((agent) => ({ ...agent, model: "haiku" })))),
  ],
  [
    "a line in a template",
    (project) => project.write("templates/CLAUDE.md", `${project.read("templates/CLAUDE.md")}\nOne line more.\n`),
  ],
  [
    "a policy in fleet.yaml",
    (project) => project.write("desired/fleet.yaml", `${project.read("desired/fleet.yaml")}hook: { access: all }\n`),
  ],
  [
    "a configuration that was not there",
    (project) => project.write("rollcall.config.yaml", "variables: { TEF_ROOT: /srv/personas }\n"),
  ],
  ["a registry that no longer parses", (project) => project.write("desired/registry.yaml", "agents: [\n")],
  ["a registry that is gone", (project) => project.remove("desired/registry.yaml")],
  [
    "a cache that was cut short",
    (project) => project.write("state/cache/spec.json", project.read("state/cache/spec.json").slice(0, 200)),
  ],
  [
    "a cache in which somebody put nothing in an agent's place",
    (project) => {
      const [digest = "", json = ""] = project.read("state/cache/spec.json").split("\n");
      const kept = JSON.parse(json);
      kept.fleet.agents[0] = null;
      project.write("state/cache/spec.json", `${digest}\n${JSON.stringify(kept)}`);
    },
  ],
  ["a cache that holds something else", (project) => project.write("state/cache/spec.json", "[1, 2, 3]")],
];

describe("the compiled spec", () => {
  it.each(CHANGES)("after %s gives the plan that compiling anew gives", async (_what, change) => {
    const project = openProject({ files: fleetFiles() });
    await project.run(["apply", "-y", "--files-only"]);
    expect(project.exists("state/cache/spec.json")).toBe(true);
    change(project);
    const { kept, compiled } = await plansOf(project);
    expect([kept.code, kept.stdout]).toEqual([compiled.code, compiled.stdout]);
  });

  it("follows the environment it was made for", async () => {
    const project = openProject({ files: fleetFiles() });
    await project.run(["apply", "-y", "--files-only"]);
    const { kept, compiled } = await plansOf(project, { TEF_ROOT: "/srv/elsewhere" });
    expect(planShape.parse(kept.json())).toEqual(planShape.parse(compiled.json()));
  });

  it("is written by apply only, and again only when it is stale", async () => {
    const project = openProject({ files: fleetFiles() });
    await project.run(["plan", "--files-only"]);
    await project.run(["status", "--files-only"]);
    expect(project.exists("state")).toBe(false);
    await project.run(["apply", "-y", "--files-only"]);
    const before = snapshot(project.root);
    await project.run(["apply", "-y", "--files-only"]);
    expect(snapshot(project.root)).toEqual(before);
    project.remove("state/cache");
    const renewed = await project.run(["apply", "-y", "--files-only"]);
    expect([renewed.code, project.exists("state/cache/spec.json")]).toEqual([0, true]);
  });

  it("is not believed of a registry that was edited while the apply that kept it waited", async () => {
    const project = openProject({ files: fleetFiles() });
    await project.run(["apply", "-y", "--files-only"]);
    const withModel = (model: string) =>
      project.write("desired/registry.yaml", registryText(PAIR.map((agent) => ({ ...agent, model }))));
    withModel("haiku");
    const holder = spawn(process.execPath, [compiled(takeLock), project.path("state"), "0", "60000"]);
    onTestFinished(() => void holder.kill("SIGKILL"));
    await once(holder.stdout, "data");
    const waiting = project.start(["apply", "-y", "--files-only", "--lock-timeout", "30"]);
    // It shows its plan, and then waits for the lock.
    await new Promise<void>((shown) => waiting.child.stderr?.on("data", (text) => /^Plan: /m.test(text) && shown()));
    withModel("sonnet");
    holder.kill("SIGKILL");
    const applied = await waiting.ended;
    expect(applied.code, applied.stderr).toBe(0);
    const { kept, compiled: anew } = await plansOf(project);
    expect([kept.code, kept.stdout]).toEqual([anew.code, anew.stdout]);
  });
});
