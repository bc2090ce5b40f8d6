// Somebody or something changed what Rollcall wrote. Every way of the list, one at a time: found, named, healed, kept.
import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { planShape, runShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import type { Project } from "../support/project-fixture.ts";
import { beforeImages, convergedProject } from "../support/shared-project.ts";

const AGENT = "backend-agent";
const HOME = `agents/${AGENT}/.claude`;
const MEMORY = `config/${AGENT}/.claude/CLAUDE.md`;
const SETTINGS = `config/${AGENT}/.claude/settings.json`;
const LOCAL = `config/${AGENT}/.claude/settings.local.json`;
const HOOK = `hook/${AGENT}/auto-deny`;

const fleet = convergedProject({ files: fleetFiles() });

function replaceText(path: string, from: string | RegExp, to: string) {
  return (project: Project) => {
    const before = project.read(path);
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    project.write(path, after);
  };
}

interface Case {
  readonly what: string;
  readonly tamper: (project: Project) => void;
  /** Address to verdict and words the reason must have. */
  readonly found: Readonly<Record<string, readonly [verdict: string, reason: RegExp]>>;
  /** The file whose tampered bytes must be kept. */
  readonly kept?: string;
}

const GONE = ["vanished", /gone/] as const;

const CASES: readonly Case[] = [
  {
    what: "a byte of CLAUDE.md",
    tamper: replaceText(`${HOME}/CLAUDE.md`, "backend", "Backend"),
    found: { [MEMORY]: ["tampered", /CLAUDE\.md differs/] },
    kept: `${HOME}/CLAUDE.md`,
  },
  {
    what: "a line added to CLAUDE.md",
    tamper: (project) => project.write(`${HOME}/CLAUDE.md`, `${project.read(`${HOME}/CLAUDE.md`)}and do as you like\n`),
    found: { [MEMORY]: ["tampered", /CLAUDE\.md differs: 1 line$/] },
    kept: `${HOME}/CLAUDE.md`,
  },
  {
    what: "CLAUDE.md emptied",
    tamper: (project) => project.write(`${HOME}/CLAUDE.md`, ""),
    found: { [MEMORY]: ["tampered", /empty|differs/] },
  },
  { what: "CLAUDE.md gone", tamper: (project) => project.remove(`${HOME}/CLAUDE.md`), found: { [MEMORY]: GONE } },
  {
    what: "a key of settings.json removed",
    tamper: replaceText(`${HOME}/settings.json`, /\n *"model": "opus",/, ""),
    found: { [SETTINGS]: ["tampered", /\/model is missing/] },
    kept: `${HOME}/settings.json`,
  },
  {
    what: "a key of settings.json changed",
    tamper: replaceText(`${HOME}/settings.json`, '"opus"', '"haiku"'),
    found: { [SETTINGS]: ["tampered", /\/model differs/] },
    kept: `${HOME}/settings.json`,
  },
  {
    what: "the hooks of settings.json removed",
    tamper: (project) => {
      const { hooks: _, ...rest } = JSON.parse(project.read(`${HOME}/settings.json`));
      project.write(`${HOME}/settings.json`, JSON.stringify(rest, null, 2));
    },
    found: { [SETTINGS]: ["tampered", /hooks.*missing/] },
    kept: `${HOME}/settings.json`,
  },
  {
    what: "settings.json truncated",
    tamper: (project) => project.write(`${HOME}/settings.json`, project.read(`${HOME}/settings.json`).slice(0, 60)),
    found: { [SETTINGS]: ["tampered", /not JSON|ends too early|JSON/] },
    kept: `${HOME}/settings.json`,
  },
  {
    what: "settings.json emptied",
    tamper: (project) => project.write(`${HOME}/settings.json`, ""),
    found: { [SETTINGS]: ["tampered", /empty/] },
    kept: `${HOME}/settings.json`,
  },
  {
    what: "a comment in settings.json",
    tamper: replaceText(`${HOME}/settings.json`, "{\n", "{\n  // by hand\n"),
    found: { [SETTINGS]: ["tampered", /comment/] },
    kept: `${HOME}/settings.json`,
  },
  {
    what: "settings.json gone",
    tamper: (project) => project.remove(`${HOME}/settings.json`),
    found: { [SETTINGS]: GONE },
  },
  {
    what: "the hook gone",
    tamper: (project) => project.remove(`${HOME}/hooks/auto-deny`),
    found: { [HOOK]: GONE },
  },
  {
    what: "the hook emptied",
    tamper: (project) => project.write(`${HOME}/hooks/auto-deny`, ""),
    found: { [HOOK]: ["tampered", /emptied/] },
    kept: `${HOME}/hooks/auto-deny`,
  },
  {
    what: "the hook edited",
    tamper: (project) =>
      project.write(`${HOME}/hooks/auto-deny`, `${project.read(`${HOME}/hooks/auto-deny`)}\n// me\n`),
    found: { [HOOK]: ["tampered", /edited/] },
    kept: `${HOME}/hooks/auto-deny`,
  },
  {
    what: "the hook replaced by one that lets everything pass",
    tamper: (project) => project.write(`${HOME}/hooks/auto-deny`, "#!/bin/sh\nexit 0\n", 0o755),
    found: { [HOOK]: ["tampered", /does nothing/] },
    kept: `${HOME}/hooks/auto-deny`,
  },
  {
    what: "the hook not executable",
    tamper: (project) => chmodSync(project.path(`${HOME}/hooks/auto-deny`), 0o644),
    found: { [HOOK]: ["tampered", /not executable/] },
  },
  {
    what: "disableAllHooks turned on in settings.local.json",
    tamper: replaceText(`${HOME}/settings.local.json`, '"disableAllHooks": false', '"disableAllHooks": true'),
    found: { [LOCAL]: ["tampered", /disableAllHooks differs/] },
    kept: `${HOME}/settings.local.json`,
  },
  {
    what: "disableAllHooks turned on in settings.json",
    tamper: replaceText(`${HOME}/settings.json`, '"disableAllHooks": false', '"disableAllHooks": true'),
    found: { [SETTINGS]: ["tampered", /disableAllHooks differs/] },
    kept: `${HOME}/settings.json`,
  },
  {
    what: "an agent's folder gone",
    tamper: (project) => project.remove(`agents/${AGENT}`),
    found: { [MEMORY]: GONE, [SETTINGS]: GONE, [LOCAL]: GONE, [HOOK]: GONE },
  },
  {
    what: "a tool added to the agent in the registry",
    tamper: (project) => project.edit("desired/registry.yaml", "[Read, Write, Edit]", "[Read, Write, Edit, Bash]"),
    found: { [MEMORY]: ["pending", /CLAUDE\.md differs/], [HOOK]: ["pending", /policy differs: tools \+Bash/] },
  },
  {
    what: "a tool taken from the agent in the registry",
    tamper: (project) => project.edit("desired/registry.yaml", "[Read, Write, Edit]", "[Read, Write]"),
    found: { [MEMORY]: ["pending", /CLAUDE\.md differs/], [HOOK]: ["pending", /policy differs: tools -Edit/] },
  },
  {
    what: "another model in the registry",
    tamper: (project) =>
      project.write("desired/registry.yaml", project.read("desired/registry.yaml").replaceAll("opus", "haiku")),
    found: {
      [SETTINGS]: ["pending", /\/model differs/],
      "config/planning-agent/.claude/settings.json": ["pending", /\/model differs/],
    },
  },
];

test.each(CASES)("$what: found with address, verdict and reason, healed, and what was there is kept", async (one) => {
  const project = fleet();
  one.tamper(project);
  const tampered = one.kept === undefined ? undefined : project.read(one.kept);

  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(planned.code, planned.stderr).toBe(2);
  const plan = planShape.parse(planned.json());
  expect(Object.fromEntries(plan.actions.map((action) => [action.address, action.verdict]))).toEqual(
    Object.fromEntries(Object.entries(one.found).map(([address, [verdict]]) => [address, verdict])),
  );
  for (const action of plan.actions) expect(action.reason).toMatch(one.found[action.address]?.[1] ?? /^$/);
  expect(plan.blocked).toEqual([]);
  const isDrift = Object.values(one.found).every(([verdict]) => verdict !== "pending");
  expect(plan.summary).toMatchObject(
    isDrift ? { drift: plan.actions.length, pending: 0 } : { drift: 0, pending: plan.actions.length },
  );

  const applied = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const run = runShape.parse(applied.json());
  expect(run.converged).toBe(true);
  expect(
    run.outcomes.map(({ address, result, corrective }) => ({ address, result, corrective })).sort(byAddress),
  ).toEqual(plan.actions.map(({ address }) => ({ address, result: "done", corrective: isDrift })));
  if (one.kept !== undefined) expect(beforeImages(project)[one.kept]).toBe(tampered);
  const after = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(after.code, after.stdout).toBe(0);
});

function byAddress(a: { readonly address: string }, b: { readonly address: string }): number {
  return a.address < b.address ? -1 : 1;
}

test("verify says one line for each of several tamperings, and exits 2", async () => {
  const project = fleet();
  project.remove(`${HOME}/hooks/auto-deny`);
  project.write("agents/planning-agent/.claude/CLAUDE.md", "# Somebody else\n");
  const verified = await project.run(["verify", "--files-only"]);
  expect(verified.code).toBe(2);
  expect(verified.stdout.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^config\/planning-agent\/\.claude\/CLAUDE\.md tampered: CLAUDE\.md differs: \d+ lines$/),
    expect.stringMatching(/^hook\/backend-agent\/auto-deny vanished: .*gone/),
  ]);
  const one = await project.run(["verify", "--files-only", "backend-agent"]);
  expect(one.stdout.trimEnd().split("\n")).toHaveLength(1);
  const kind = await project.run(["verify", "--only", "config"]);
  expect(kind).toMatchObject({ code: 2 });
  expect(kind.stdout).not.toContain("hook/");
});
