// Hooks that are as rendered and have no valid proof here (a clone, another node): apply proves them, a plan shows nothing.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { binWith, NODE_OF_ITS_OWN } from "../support/other-node.ts";
import { changedPaths, openProject, type Project, snapshot } from "../support/project-fixture.ts";

const proofNotes = async (project: Project) => {
  const status = (await project.run(["status", "-o", "json", "--files-only"])).json();
  return (status["agents"] as { notes: string[] }[]).map(({ notes }) => notes.includes("unproven"));
};

/** Two agents' files as a clone has them: all in sync, nothing known of this machine. */
async function cloned(): Promise<Project> {
  const project = openProject({ files: fleetFiles() });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  project.remove("state");
  return project;
}

test("a clone: the plan shows no difference, apply proves the hooks without a run, the next apply does nothing", async () => {
  const project = await cloned();
  expect(await proofNotes(project)).toEqual([true, true]);
  const plan = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(plan).toMatchObject({ code: 0, stderr: "" });

  const applied = await project.run(["apply", "--files-only"]); // nothing is asked: no file changes
  expect(applied).toMatchObject({ code: 0, stderr: "" });
  expect(applied.stdout).toMatch(/^No differences: .*\n2 hooks proven\.\n$/);
  expect(await proofNotes(project)).toEqual([false, false]);
  expect((await project.run(["history"])).stdout).not.toContain("0001");

  const before = snapshot(project.root);
  const again = await project.run(["apply", "--files-only"]);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^No differences: .*\n$/) });
  expect(changedPaths(before, snapshot(project.root))).toEqual([]);
});

test("another node: reconcile proves again, and says so in its document", async () => {
  const project = await cloned();
  await project.run(["apply", "--files-only"]);
  mkdirSync(project.path("../newer"));
  copyFileSync(process.execPath, project.path("../newer/node"));
  project.write("rollcall.config.yaml", `session: { path: "${project.path("../newer")}:${project.env["PATH"]}" }\n`);
  expect(await proofNotes(project)).toEqual([true, true]);
  const run = (await project.run(["reconcile", "--files-only", "-o", "json"])).json();
  expect(run).toMatchObject({ id: "", outcomes: [], converged: true, proven: 2 });
  expect(await proofNotes(project)).toEqual([false, false]);
});

test("beside other work: the proofs come first, and are no actions of the run", async () => {
  const project = await cloned();
  const page = "agents/backend-agent/.claude/CLAUDE.md";
  project.write(page, `${project.read(page)}One more line.\n`);
  const run = (await project.run(["apply", "-y", "--overwrite", "--files-only", "-o", "json"])).json();
  expect(run).toMatchObject({
    converged: true,
    proven: 2,
    outcomes: [{ address: "config/backend-agent/.claude/CLAUDE.md" }],
  });
  const shown = (await project.run(["show", String(run["id"]), "-o", "json"])).json();
  expect(shown["intents"]).toHaveLength(1);
});

test("a hook that does not block here: a failure, and the session that needs it is not started", async () => {
  const project = openProject({ files: fleetFiles({ command: ["sleep", "1000"] }) });
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  project.remove("state");
  // A node that is one, but for hooks: those it answers as if the guard had let the call through.
  const imitation = 'for last; do :; done; printf %s "$last"; exit 42';
  const lame = binWith(project, "lame", `case "$1" in --input-type=*) ${imitation} ;; esac\n${NODE_OF_ITS_OWN}`);
  project.write("rollcall.config.yaml", `session: { path: "${lame}" }\n`);
  const ran = await project.run(["apply", "-y", "-o", "json"]);
  expect(ran.code).toBe(5);
  const outcomes = ran.json()["outcomes"] as { address: string; result: string; error: { code: string } }[];
  expect(outcomes.filter(({ result }) => result === "done").map(({ address }) => address)).toEqual(["hook/-/guard"]);
  expect(
    outcomes
      .filter(({ result }) => result !== "done")
      .map(({ address, result, error }) => `${address} ${result} ${error.code}`)
      .sort(),
  ).toEqual([
    "hook/backend-agent/auto-deny failed E602",
    "hook/planning-agent/auto-deny failed E602",
    "session/backend-agent/main deferred E323",
    "session/planning-agent/main deferred E323",
  ]);
  expect(() => execFileSync("tmux", ["-L", project.socket, "list-sessions"], { stdio: "ignore" })).toThrow();
});

test("a held agent's hook is left unproven", async () => {
  const project = await cloned();
  await project.run(["hold", "backend-agent"]);
  expect((await project.run(["apply", "--files-only"])).stdout).toContain("\n1 hook proven.\n");
});
