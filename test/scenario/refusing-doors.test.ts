// What only looks, looks through doors that refuse every write, and never hits them: the built command, on every state.
import { chmodSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isReadOnlyCommand } from "../../src/host/process/read-only-commands.ts";
import { runShape } from "../support/documents.ts";
import { fleetFiles, PAIR, registryText } from "../support/fleets.ts";
import { openProject, type Project, type Ran, snapshot } from "../support/project-fixture.ts";

const guard = fileURLToPath(new URL("../support/refuse-writes.mjs", import.meta.url));
const PLANNER = "agents/planning-agent/.claude";
const FILES = fleetFiles({ fleet: ["  start: on-demand", "retire: { delete: [trash], archive: [{ dir: old }] }"] });

/** Runs a command behind doors that refuse; the programs it started are looked at and taken out of stderr. */
async function guarded(project: Project, args: readonly string[]): Promise<Ran & { readonly started: string[][] }> {
  const ran = await project.run(args, { env: { NODE_OPTIONS: `--import=${guard}` } });
  const started = [...ran.stderr.matchAll(/^STARTED (.*)$/gm)].map(([, words = ""]) => JSON.parse(words) as string[]);
  return { ...ran, started };
}

const LOOKS: readonly (readonly string[])[] = [
  ["plan"],
  ["plan", "-o", "json", "--prune", "--overwrite", "--force", "--allow-delete", "9"],
  ["plan", "--files-only", "-o", "markdown", "planning-agent"],
  ["plan", "--no-cache", "-v"],
  ["verify"],
  ["status"],
  ["status", "-o", "json", "--files-only"],
  ["list"],
  ["validate"],
  ["history"],
  ["history", "-o", "json"],
  ["why", `${PLANNER}/settings.json`],
  ["why", `${PLANNER}/CLAUDE.md:3`, "-o", "json"],
  ["why", "agents/old"],
  ["explain"],
  ["explain", "E104"],
  ["schema"],
  ["doctor"],
  ["doctor", "-o", "json"],
  ["undo", "RUN"],
  ["show", "RUN"],
  ["show", "RUN", "-o", "json"],
];

async function applied(): Promise<{ readonly project: Project; readonly run: string }> {
  const project = openProject({ files: { ...FILES, "agents/old/x": "x\n" } });
  const ran = await project.run(["apply", "-y", "-o", "json"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return { project, run: runShape.parse(ran.json()).id };
}

const STATES: Readonly<Record<string, () => Promise<{ readonly project: Project; readonly run: string }>>> = {
  "never applied": async () => {
    const project = openProject({ files: { ...FILES, "agents/trash/x": "x\n", "agents/old/x": "x\n" }, git: true });
    return { project, run: "0001-abcd" };
  },
  converged: applied,
  "drifted in every way": async () => {
    const { project, run } = await applied();
    project.edit(`${PLANNER}/settings.json`, '"disableAllHooks": false', '"disableAllHooks": true');
    chmodSync(project.path(`${PLANNER}/hooks/auto-deny`), 0o644);
    project.remove("agents/backend-agent/.claude/CLAUDE.md");
    project.write("agents/trash/x", "x\n");
    project.write("agents/mem0/x", "x\n");
    project.write("desired/registry.yaml", registryText(PAIR.map((agent) => ({ ...agent, model: "haiku" }))));
    expect((await project.run(["hold", "backend-agent"])).code).toBe(0);
    return { project, run };
  },
  "cut short, the records gone": async () => {
    const { project, run } = await applied();
    project.write(
      "state/journal/0009-abcd.jsonl",
      '{"journal":1,"run":"0009-abcd","command":"apply","started":"2026-01-01T00:00:00.000Z"}\n',
    );
    for (const name of ["ledger.json", "cache"]) rmSync(project.path(`state/${name}`), { recursive: true });
    return { project, run };
  },
};

test.each(Object.keys(STATES))("%s: no command that looks writes anything", async (name) => {
  const { project, run } = (await STATES[name]?.()) ?? expect.fail(name);
  const before = snapshot(project.root);
  for (const look of LOOKS) {
    const words = look.map((word) => (word === "RUN" ? run : word));
    const { stdout, stderr, code, started } = await guarded(project, words);
    expect({ words, refused: /^REFUSED .*$/m.exec(stderr)?.[0] }).toEqual({ words, refused: undefined });
    expect([0, 1, 2, 3, 64], `${words.join(" ")}\n${stdout}${stderr}`).toContain(code);
    if (look[0] !== "doctor") expect(started.filter((one) => !isReadOnlyCommand(one))).toEqual([]);
  }
  expect(snapshot(project.root)).toEqual(before);
});

test("an apply without work does not write either, and one with work meets the refusing doors", async () => {
  const { project } = await applied();
  expect(await guarded(project, ["apply", "-y"])).toMatchObject({ code: 0 });
  expect(await guarded(project, ["reconcile"])).toMatchObject({ code: 0 });
  project.remove(`${PLANNER}/CLAUDE.md`);
  const ran = await guarded(project, ["apply", "-y"]);
  expect(ran.code).toBe(97);
  expect(ran.stderr).toMatch(/^REFUSED \w+ ".*"$/m);
});
