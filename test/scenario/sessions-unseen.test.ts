// Sessions that cannot be seen, or cannot be started: one code for each, and the reason also with --quiet.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const fleet = convergedProject({ files: fleetFiles() });
/** An environment whose tmux, once it has started something, answers when that has ended: no look comes before the end. */
function whereEndsAreSeen(project: Project): Record<string, string> {
  const real = execFileSync("sh", ["-c", "command -v tmux"], { encoding: "utf8" }).trim();
  const panes = `'${real}' -L ${project.socket} list-panes -a -F '#{pane_dead}'`;
  const wait = `while ${panes} | grep -q 0; do sleep 0.05; done`;
  const script = `#!/bin/sh\n'${real}' "$@"; code=$?\ncase "$*" in *source-file*) ${wait};; esac\nexit $code\n`;
  project.write("../home/bin/tmux", script, 0o755);
  return { PATH: `${project.path("../home/bin")}:${project.env["PATH"]}` };
}

const WITHOUT_TMUX = { env: { PATH: "/nowhere/bin" } };

test.each([
  [["logs", "backend-agent"]],
  [["send", "backend-agent", "hello"]],
  [["list"]],
  [["send", "--force", "backend-agent", "hello"]],
])("without tmux %s says E711: nothing is known of the sessions", async (args) => {
  const project = fleet();
  const ran = await expectUntouched(project.root, () => project.run(args, WITHOUT_TMUX), { except: ["state"] });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toMatch(/^error E711 nothing is known of the sessions: /);
  expect(ran.stderr).not.toContain("E351");
});

test("where there is a tmux and no session, that is another thing: E351", async () => {
  const project = fleet();
  const ran = await project.run(["logs", "backend-agent"]);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toMatch(/^error E351 backend-agent has no session managed by Rollcall/);
});

test("what fails, and what is in the way, gives its reason with --quiet as well", async () => {
  const agents = [
    { name: "planning-agent" },
    { name: "backend-agent", more: ["session: { command: [no-such-client] }"] },
  ];
  const command = ["sh", "-c", "echo out of paper; exit 3"];
  const project = openProject({ files: fleetFiles({ agents, command, fleet: ["  fallback: [nor-such-shell]"] }) });
  const env = whereEndsAreSeen(project);
  const ran = await project.run(["-q", "apply", "-y"], { env });
  expect(ran).toMatchObject({ code: 5, stderr: "" });
  expect(ran.stdout).toMatch(/ failed create session\/planning-agent\/main: E707 .*code 3/);
  expect(ran.stdout).toMatch(/session\/backend-agent\/main missing: no-such-client is not found, nor is its fallback/);
  const loud = await project.run(["apply", "-y"], { env });
  expect(loud.stdout.match(/failed \w+ session\/planning-agent/g)).toHaveLength(1);
});
