// An agent that the registry gives to another machine: it runs here, and every look says so.
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { openProject } from "../support/project-fixture.ts";

test("validate, plan and verify warn with the place, also from the kept spec", async () => {
  const [first, second] = PAIR;
  if (!first || !second) throw new Error("a pair");
  const hosts = (host: string) =>
    registryText([
      { ...first, more: [`host: ${host}`] },
      { ...second, more: [`host: ${hostname()}`] },
    ]);
  const project = openProject({ files: { ...fleetFiles(), "desired/registry.yaml": hosts("other-machine") } });
  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied).toMatchObject({ code: 0, stderr: expect.stringContaining("W162") });
  for (const args of [["validate"], ["plan", "--files-only"], ["verify", "--files-only"]]) {
    const ran = await project.run(args);
    expect(ran.code, args.join(" ")).toBe(0);
    const said = `${ran.stdout}${ran.stderr}`;
    expect(said).toMatch(/^desired\/registry\.yaml:\d+:\d+ warning W162 .* although host says "other-machine"$/m);
    expect(said.match(/W162/g)).toHaveLength(1);
    expect(said).toContain("host has no effect yet");
  }
  project.write("desired/registry.yaml", hosts("localhost"));
  expect((await project.run(["validate"])).stderr).not.toContain("W162");
});
