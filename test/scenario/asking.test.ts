// At a terminal: the plan is shown, a question asked, and the answer decides. Played through script(1) of util-linux.
import { spawn, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { COMMANDS, changedPaths, openProject, type Project, snapshot } from "../support/project-fixture.ts";

const canPlay = spawnSync("script", ["--version"]).status === 0;

interface Answered {
  readonly code: number | null;
  /** What the terminal showed, without escape sequences. */
  readonly screen: string;
}

/** Runs the command at a terminal and types the answer when the question stands there. */
function atTerminal(project: Project, args: readonly string[], answer: string): Promise<Answered> {
  const words = [process.execPath, COMMANDS.rollcall, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", `stty cols 120 rows 40; ${words}`, "/dev/null"], {
    cwd: project.root,
    env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh" },
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  let screen = "";
  let answered = false;
  child.stdout.on("data", (bytes: Buffer) => {
    screen += bytes.toString().replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
    if (answered || !/\?[\s\S]*Yes[\s\S]*No/.test(screen)) return;
    answered = true;
    child.stdin.write(answer);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, screen }));
  });
}

test.runIf(canPlay).each([
  ["n", "n"],
  ["Enter, because No is the answer that stands there", "\r"],
  ["Ctrl+C", "\u0003"],
])("the answer %s writes nothing and exits 1", async (_what, answer) => {
  const project = openProject({ files: fleetFiles() });
  const before = snapshot(project.root);
  const { code, screen } = await atTerminal(project, ["apply", "--files-only"], answer);
  expect(code, screen).toBe(1);
  expect(screen).toMatch(/\+ hook\/backend-agent\/auto-deny missing[\s\S]*Plan: 9 to create[\s\S]*Apply this plan\?/);
  expect(screen).toContain("nothing was written");
  expect(changedPaths(before, snapshot(project.root))).toEqual([]);
});

test.runIf(canPlay)(
  "the answer y applies; with nothing to do nobody is asked; as JSON nobody is ever asked",
  async () => {
    const project = openProject({ files: fleetFiles() });
    const json = await atTerminal(project, ["apply", "--files-only", "-o", "json"], "y");
    expect(json.code).toBe(64);
    expect(json.screen).not.toContain("Apply this plan?");
    const { code, screen } = await atTerminal(project, ["apply", "--files-only"], "y");
    expect(code, screen).toBe(0);
    expect(screen).toContain("Converged.");
    const again = await atTerminal(project, ["apply", "--files-only"], "y");
    expect(again.code).toBe(0);
    expect(again.screen).not.toContain("Apply this plan?");
  },
);

test.runIf(canPlay)("adopt shows what it would take over and asks", async () => {
  const project = openProject({ files: fleetFiles() });
  project.write("agents/backend-agent/.claude/CLAUDE.md", "# Mine\n");
  const before = snapshot(project.root);
  const { code, screen } = await atTerminal(project, ["adopt"], "n");
  expect(code, screen).toBe(1);
  expect(screen).toContain("config/backend-agent/.claude/CLAUDE.md unowned");
  expect(changedPaths(before, snapshot(project.root))).toEqual([]);
});
