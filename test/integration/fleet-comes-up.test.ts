// The whole fleet: 26 agents of this repository with a harmless command, brought up once, and then nothing to do.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  folderOf,
  folderTimes,
  liveOf,
  planned,
  QUIET,
  realTmux,
  runs,
  sessionsOn,
  statuses,
  wordsOf,
} from "../support/tmux-fixture.ts";

function wholeFleet(): Project {
  const config = `session: { command: ${JSON.stringify(QUIET)} }\n`;
  return openProject({ ownFleet: true, files: { "rollcall.config.yaml": config } });
}

/** The agents as the registry's own text names them. */
function namesIn(project: Project): string[] {
  const registry = parse(readFileSync(project.path("desired/registry.yaml"), "utf8")) as { agents: object };
  return Object.keys(registry.agents).sort();
}

/** A tmux in front of the real one that writes down every call. */
function countingTmux(project: Project): { readonly path: string; calls(): string[] } {
  const real = realTmux();
  project.write("../home/seen/tmux", `#!/bin/sh\necho "$*" >> '${project.home}/calls'\nexec ${real} "$@"\n`, 0o755);
  project.write("../home/calls", "");
  return {
    path: `${project.home}/seen:${project.env["PATH"]}`,
    calls: () => readFileSync(`${project.home}/calls`, "utf8").split("\n").filter(Boolean),
  };
}

test("26 sessions come up, in sync; again nothing happens, not even a write", async () => {
  const project = wholeFleet();
  const names = namesIn(project);
  expect(names).toHaveLength(26);
  const first = await applied(project);
  expect(first.converged).toBe(true);
  expect(first.outcomes.filter(({ result }) => result !== "done")).toEqual([]);

  const sessions = sessionsOn(project.socket);
  expect(Object.keys(sessions).sort()).toEqual(names.map((name) => `iw-${name}`));
  for (const name of names) {
    const { pid, dead } = liveOf(project, name);
    expect({ name, dead, runs: runs(pid) }).toEqual({ name, dead: false, runs: true });
    expect(wordsOf(pid)).toEqual(QUIET);
    expect(folderOf(pid)).toBe(project.path(`agents/${name}`));
  }
  const status = await statuses(project);
  expect(Object.keys(status).sort()).toEqual(names);
  for (const { agent, sync, health } of Object.values(status)) {
    expect({ agent, sync, health }).toEqual({ agent, sync: "in-sync", health: "idle" });
  }

  const times = folderTimes(project.root);
  await expectUntouched(project.root, async () => {
    const again = await applied(project);
    expect(again).toMatchObject({ converged: true, outcomes: [], id: "" });
    const { code, plan } = await planned(project);
    expect(code).toBe(0);
    expect(plan).toMatchObject({ actions: [], deferred: [], blocked: [] });
    const verified = await project.run(["verify"]);
    expect(verified).toMatchObject({ code: 0, stdout: "" });
    expect((await project.run(["reconcile"])).code).toBe(0);
  });
  expect(folderTimes(project.root)).toEqual(times);
  expect(sessionsOn(project.socket)).toEqual(sessions);
});

test("looking costs one tmux process, an apply with nothing to do at most two", async () => {
  const project = wholeFleet();
  await applied(project);
  const { path, calls } = countingTmux(project);
  const env = { PATH: path };
  const callsOf = async (words: readonly string[]): Promise<string[]> => {
    project.write("../home/calls", "");
    expect((await project.run(words, { env })).code).toBe(0);
    return calls();
  };
  expect(await callsOf(["plan", "--detailed-exitcode"])).toHaveLength(1);
  const apply = await callsOf(["apply", "-y"]);
  expect(apply.length).toBeGreaterThan(0);
  expect(apply.length).toBeLessThanOrEqual(2);
  expect(await callsOf(["apply", "-y", "--files-only"])).toEqual([]);
  expect(await callsOf(["plan", "--portable"])).toEqual([]);
});

test("a fleet comes up in few tmux processes, however many sessions it has", async () => {
  const project = wholeFleet();
  const { path, calls } = countingTmux(project);
  await applied(project, { env: { PATH: path } });
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(26);
  expect(calls().length).toBeLessThanOrEqual(8);
  expect(calls().join("\n")).not.toContain("iw-backend-agent"); // what runs is told on standard input
});

test("list names every session, and only those that match", async () => {
  const project = wholeFleet();
  await applied(project);
  const all = await project.run(["list"]);
  expect(all.stdout.trimEnd().split("\n")).toHaveLength(26);
  const some = await project.run(["list", "test-"]);
  expect(
    some.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/\s+/)[0]),
  ).toEqual(["iw-test-auditor-agent", "iw-test-writer-agent"]);
  expect((await project.run(["list", "nobody-of-that-name"])).stdout).toBe("No sessions.\n");
});
