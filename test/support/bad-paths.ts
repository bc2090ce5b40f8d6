// Bad inputs that lead out of where they belong, or onto what is reserved.
import { symlinkSync } from "node:fs";
import { type BadInput, FLEET, fleet, planner, REGISTRY } from "./bad-inputs.ts";
import type { Files } from "./spec-fixture.ts";

const one = (target: string, template = "CLAUDE.md"): Files =>
  fleet(`files: [{template: ${template}, target: "${target}"}]`);

export const PATHS: readonly BadInput[] = [
  {
    row: 25,
    input: "a template above the templates folder",
    files: one("x.md", "../../etc/passwd"),
    errors: [`${FLEET}:1:20 E140`],
  },
  {
    row: 25,
    input: "a template whose name holds a carriage return: it is shown escaped (seed 2039310081)",
    files: one("x.md", '"\\r page.md"'),
    errors: [`${FLEET}:1:20 E102`, `${FLEET}:1:20 E116`],
    message: /template not found: templates\/(?!\r)\S+ page\.md/,
  },
  {
    row: 25,
    input: "a template by absolute path",
    files: one("x.md", "/etc/passwd"),
    errors: [`${FLEET}:1:20 E140`],
    message: /outside the templates folder/,
  },
  {
    row: 25,
    input: "a template through a link out of the repository",
    files: one("x.md", "outside.md"),
    prepare: (project) => symlinkSync("/etc/passwd", project.path("templates/outside.md")),
    errors: [`${FLEET}:1:20 E140`],
  },
  {
    row: 0,
    input: "a template that is not there",
    files: one("x.md", "gone.md"),
    errors: [`${FLEET}:1:20 E102`],
    message: "template not found: templates/gone.md",
  },
  { row: 26, input: "a target above the agent", files: one("../../x"), errors: [`${FLEET}:1:39 E136`], message: '"x"' },
  {
    row: 26,
    input: "a target that winds out",
    files: one(".claude/../../b/x"),
    errors: [`${FLEET}:1:39 E136`],
    message: '"agents/b/x"',
  },
  {
    row: 26,
    input: "an absolute target",
    files: one("/etc/cron.d/x"),
    errors: [`${FLEET}:1:39 E136`],
    message: '"/etc/cron.d/x"',
  },
  {
    row: 26,
    input: "a hook above the agent",
    files: fleet("hook: {path: ../auto-deny}"),
    errors: [`${FLEET}:1:14 E136`],
  },
  {
    row: 27,
    input: "two outputs for one path",
    files: fleet(
      "files:",
      "  - {template: CLAUDE.md, target: .claude/x}",
      "  - {template: settings.json, target: .claude/./x}",
    ),
    errors: [`${FLEET}:3:39 E138`],
    related: [`${FLEET}:2:35`],
  },
  {
    row: 27,
    input: "an output that is a folder for another one",
    files: fleet("files:", "  - {template: CLAUDE.md, target: .claude}"),
    errors: [`${FLEET}:1:1 E138`],
    message: /"\.claude\/hooks\/auto-deny" of the hook needs a folder where the template CLAUDE\.md writes/,
    related: [`${FLEET}:2:35`],
  },
  { row: 28, input: "an output into .git", files: one(".git/config"), errors: [`${FLEET}:1:39 E137`] },
  { row: 28, input: "an output onto the lock file", files: one("rollcall.lock.json"), errors: [`${FLEET}:1:39 E137`] },
  {
    row: 28,
    input: "an output with the name of a before-image",
    files: one(".claude/.x.rollcall-1"),
    errors: [`${FLEET}:1:39 E137`],
  },
  {
    row: 28,
    input: "an agent whose folder is the state folder",
    files: { ...planner("dir: kept"), "rollcall.config.yaml": "state: agents/kept\n" },
    errors: [`${REGISTRY}:8:10 E137`],
    message: /state folder/,
  },
  { row: 28, input: "an agent in the archive", files: planner("dir: archive"), errors: [`${REGISTRY}:8:10 E137`] },
];
