// A real session that runs Rollcall by itself: an agent cannot end its own session, nor widen what agents may do.
import process from "node:process";
import { expect, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { COMMANDS, openProject } from "../support/project-fixture.ts";
import { applied, liveOf, until } from "../support/tmux-fixture.ts";

test("known by its ancestors alone: E911 for its own stop, E910 for wider rights, and the session lives on", async () => {
  const script = [
    '[ "$(basename "$PWD")" = backend-agent ] || exec sleep 100000',
    "while ! [ -f ../../asked ]; do sleep 0.2; done",
    `cd ../.. && for verb in "stop backend-agent" "apply -y --files-only"; do`,
    `  ${process.execPath} ${COMMANDS.rollcall} $verb >> said.txt 2>&1; echo "exit $?" >> said.txt`,
    "done; touch answered; while :; do sleep 60; done",
  ].join("\n");
  const files = fleetFiles({ agents: PAIR, command: ["sh", "../../session.sh"] });
  const project = openProject({ files: { ...files, "session.sh": script } });
  await applied(project);
  const { pid } = liveOf(project, "backend-agent");
  project.edit("desired/registry.yaml", 'cannot_access: ["frontend/**", "*.test.*"]', 'cannot_access: ["frontend/**"]');
  project.tmux(["kill-session", "-t", "=iw-planning-agent"]);
  project.write("asked", "");
  await until("the session has asked", () => project.exists("answered"), 60_000);
  const said = project.read("said.txt");
  expect(said).toMatch(/E911 this runs in the session of backend-agent and would end it[\s\S]*exit 1/);
  expect(said).toMatch(/E910 this runs in the session of backend-agent[\s\S]*exit 1\n$/);
  expect(liveOf(project, "backend-agent")).toMatchObject({ pid, dead: false });
  expect(project.read("agents/backend-agent/.claude/hooks/auto-deny")).toContain("*.test.*");
});
