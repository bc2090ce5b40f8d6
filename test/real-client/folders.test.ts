// What the client itself says of the folders: nothing about any of the fleet's own, and how it took the settings of the
// system that Rollcall replaces.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { clientDoctor, findClient, play } from "../support/client.ts";
import { makeProject, openProject, type Project } from "../support/project-fixture.ts";

let client = "";
beforeAll(() => {
  client = findClient();
}, 300_000);

const AGENT = "backend-agent";
const SETTINGS = `agents/${AGENT}/.claude/settings.json`;

/** Settings as the system before Rollcall rendered them: hooks without the list the client wants, keys it does not know. */
const FLAT = JSON.stringify({
  projectInfo: { name: AGENT },
  contextFiles: ["CLAUDE.md"],
  permissions: { deny: ["Edit(//nowhere/**)"] },
  hooks: { PreToolUse: [{ command: ".claude/hooks/auto-deny", description: "keeps out of tests/" }] },
});

async function apply(project: Project): Promise<void> {
  const { code, stdout, stderr } = await project.run(["apply", "-y", "--files-only"]);
  expect(code, stdout + stderr).toBe(0);
}

describe("claude doctor", () => {
  test("finds nothing to say about any of the 26 folders, and does about one with a flat schema", async () => {
    const { project, close } = makeProject({ ownFleet: true });
    try {
      await apply(project);
      const { agents } = JSON.parse((await project.run(["status", "--files-only", "-o", "json"])).stdout);
      const names: string[] = agents.map((one: { readonly agent: string }) => one.agent);
      expect(names).toHaveLength(26);
      const said: Record<string, readonly string[]> = {};
      const worker = async (): Promise<void> => {
        for (let name = names.shift(); name !== undefined; name = names.shift())
          said[name] = await clientDoctor({ client, folder: project.path(`agents/${name}`), home: project.home });
      };
      await Promise.all([worker(), worker()]);
      expect(Object.keys(said)).toHaveLength(26);
      expect(Object.entries(said).filter(([, lines]) => lines.length > 0)).toEqual([]);

      project.write(SETTINGS, FLAT);
      const flat = await clientDoctor({ client, folder: project.path(`agents/${AGENT}`), home: project.home });
      expect(flat.join("\n")).toContain("settings.json");
    } finally {
      close();
    }
  });
});

test("flaw 2: settings in the old flat schema enforce nothing; Rollcall says so, and its own hold", async () => {
  const project = openProject({ ownFleet: true });
  await apply(project);
  project.remove(`agents/${AGENT}/.claude/settings.local.json`);
  project.write(SETTINGS, FLAT);
  const folder = project.path(`agents/${AGENT}`);
  const writes = async (name: string) => {
    mkdirSync(project.path("tests"), { recursive: true });
    const path = project.path(`tests/${name}`);
    const step = { tool: "Write", input: { file_path: path, content: "written\n" }, touches: path };
    const options = ["--add-dir", project.root];
    const { calls, hooks } = await play({
      client,
      folder,
      home: join(project.home, name),
      trusted: project.root,
      steps: [step],
      options,
    });
    return { ...calls[0], hooks };
  };

  expect(await writes("flat.txt")).toMatchObject({ verdict: "ran", effect: true, hooks: 0 });

  const verify = await project.run(["verify", "--files-only"]);
  expect(verify.code).toBe(2);
  expect(verify.stdout + verify.stderr).toMatch(/settings\.json:\d+:\d+ (?:error|warning) [EW]6\d\d .*/);

  await apply(project);
  expect(await writes("healed.txt")).toMatchObject({ verdict: "denied", effect: false });
});
