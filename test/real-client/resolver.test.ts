// The client's own settings loader takes every rendered file as it is: nothing dropped, nothing ignored.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { fetchSdk } from "../../scripts/fetch-sdk.mjs";
import { makeProject, type Project } from "../support/project-fixture.ts";

const resolved = z.looseObject({ sources: z.array(z.looseObject({ settings: z.unknown() })) });
const loader = z.looseObject({
  resolveSettings: z.custom<(question: { cwd: string; settingSources: string[] }) => unknown>(
    (value) => typeof value === "function",
  ),
});

async function sourcesOf(folder: string, source: "project" | "local") {
  const { resolveSettings } = loader.parse(await import(fetchSdk()));
  return resolved.parse(await resolveSettings({ cwd: folder, settingSources: [source] })).sources;
}

const parsed = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

function agentsOf(project: Project): string[] {
  const { agents } = z
    .looseObject({ agents: z.array(z.looseObject({ agent: z.string() })) })
    .parse(JSON.parse(project.read("../status.json")));
  return agents.map((one) => one.agent);
}

test("the client's loader gives back all 52 settings files as they were rendered, and rejects the old flat schema", async () => {
  const { project, close } = makeProject({ ownFleet: true });
  try {
    expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
    writeFileSync(project.path("../status.json"), (await project.run(["status", "--files-only", "-o", "json"])).stdout);
    const names = agentsOf(project);
    expect(names).toHaveLength(26);
    for (const name of names) {
      const folder = project.path(`agents/${name}`);
      const shared = await sourcesOf(folder, "project");
      expect(
        shared.map((one) => one.settings),
        name,
      ).toEqual([parsed(`${folder}/.claude/settings.json`)]);
      const local = await sourcesOf(folder, "local");
      expect(
        local.map((one) => one.settings),
        name,
      ).toEqual([parsed(`${folder}/.claude/settings.local.json`)]);
    }
    // The control: what the loader does with a file it does not like.
    const flat = {
      permissions: { deny: ["Edit(x)"] },
      hooks: { PreToolUse: [{ command: "hooks/auto-deny", description: "no" }] },
    };
    project.write("agents/backend-agent/.claude/settings.json", JSON.stringify(flat));
    expect(await sourcesOf(project.path("agents/backend-agent"), "project")).toEqual([]);
  } finally {
    close();
  }
}, 300_000);
