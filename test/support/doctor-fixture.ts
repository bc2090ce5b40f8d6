// What the stories of doctor share: a sound project with a client that only tells its version, and the findings by check.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { fleetFiles, PAIR } from "./fleets.ts";
import { expectUntouched, type Project, type ProjectOptions, type RunOptions } from "./project-fixture.ts";
import { convergedProject } from "./shared-project.ts";

export interface Finding {
  readonly id: string;
  readonly state: "ok" | "info" | "warning" | "error" | "skipped";
  readonly message: string;
  readonly remedy?: string;
  readonly details?: readonly string[];
}

/** A client that says its version and does nothing else. */
export const clientText = (version: string): string => `#!/bin/sh\necho '${version} (Claude Code)'\n`;

const GIT_IGNORE = "state/*\nagents/**/*.local.*\nagents/**/.*.rollcall-*\n";

const FILES = fleetFiles({ agents: PAIR, command: ["../../bin/claude"], fleet: ["  start: on-demand"] });

/** Everything is in order in it once it is applied; only nobody has started the client yet. */
export const SOUND: ProjectOptions = {
  files: {
    ...FILES,
    // A template that takes TEF_ROOT in: without it, it would be assumed.
    "templates/CLAUDE.md": `${FILES["templates/CLAUDE.md"]}{% if variables.TEF_ROOT == "" %}none{% endif %}\n`,
    "bin/claude": { text: clientText("2.1.330"), mode: 0o755 },
    "rollcall.config.yaml": "variables: { TEF_ROOT: /usr/share }\n",
    ".gitignore": GIT_IGNORE,
  },
};

/** The client's own state, as it is after it was started in the project once. */
export function trustRoot(project: Project, folder = project.root): void {
  const projects = { [folder]: { hasTrustDialogAccepted: true } };
  project.write("../home/.claude.json", JSON.stringify({ hasCompletedOnboarding: true, projects }));
}

export interface Diagnosis {
  readonly code: number | null;
  readonly checks: readonly Finding[];
  finding(id: string): Finding;
}

/** Runs doctor and demands that it changed nothing, neither in the project nor in the home. */
export async function examine(project: Project, options: RunOptions = {}): Promise<Diagnosis> {
  const runDoctor = () => expectUntouched(project.home, () => project.run(["doctor", "-o", "json"], options));
  const ran = await expectUntouched(project.root, runDoctor);
  const { kind, checks } = ran.json() as unknown as { readonly kind: string; readonly checks: readonly Finding[] };
  expect(kind, ran.stderr).toBe("doctor");
  expect(checks).toHaveLength(31);
  for (const { id, state, remedy } of checks) {
    if (state === "warning" || state === "error") expect(remedy, `${id} has no remedy`).toMatch(/\w/);
  }
  expect(ran.code).toBe(checks.some((one) => one.state === "error") ? 1 : 0);
  return {
    code: ran.code,
    checks,
    finding: (id) => checks.find((one) => one.id === id) ?? expect.fail(`no check ${id}`),
  };
}

/** The ids of everything that is not in order, with its state. */
export function oddities({ checks }: Diagnosis): Record<string, string> {
  const odd = checks.filter(({ state }) => state === "warning" || state === "error");
  return Object.fromEntries(odd.map(({ id, state }) => [id, state]));
}

/** A sound project for all tests of a file, put back before each; its home is empty then. */
export function soundProject(): () => Project {
  const fleet = convergedProject(SOUND);
  beforeEach(() => {
    for (const name of readdirSync(fleet().home)) rmSync(join(fleet().home, name), { recursive: true, force: true });
  });
  return fleet;
}

/** Makes the project a git repository with everything in one commit. */
export function commit(project: Project): void {
  const who = ["-c", "user.name=ada", "-c", "user.email=ada@example.invalid"];
  for (const words of [
    ["init", "-q"],
    ["add", "-A"],
    [...who, "commit", "-q", "-m", "The fleet"],
  ])
    execFileSync("git", words, { cwd: project.root, env: project.env });
}

/** A PATH of one folder: links to every program of this machine but some, and what takes their place. */
export function pathWithout(
  project: Project,
  names: readonly string[],
  instead: Readonly<Record<string, string>> = {},
): string {
  const folder = project.path("../home/path");
  mkdirSync(folder);
  for (const from of [join(process.execPath, ".."), "/usr/local/bin", "/usr/bin", "/bin"]) {
    const taken = new Set([...readdirSync(folder), ...names, ...Object.keys(instead)]);
    for (const name of readdirSync(from)) if (!taken.has(name)) symlinkSync(join(from, name), join(folder, name));
  }
  for (const [name, text] of Object.entries(instead)) project.write(`../home/path/${name}`, text, 0o755);
  return folder;
}

/** One thing that is not in order, and what is said of it. */
export interface Case {
  readonly id: string;
  readonly state: Finding["state"];
  readonly what: string;
  readonly said: RegExp;
  readonly arrange: (project: Project) => void;
  /** How doctor is started, when otherwise than usual. */
  readonly start?: (project: Project) => RunOptions;
}

export const write =
  (path: string, text: string): Case["arrange"] =>
  (project) =>
    project.write(path, text);

/** One test per case. */
export function tellsOf(cases: readonly Case[], fleet: () => Project): void {
  test.for(cases)("$id, $what: $state", async ({ id, state, said, arrange, start }) => {
    const project = fleet();
    arrange(project);
    const { finding } = await examine(project, start?.(project));
    const found = finding(id);
    expect(found, JSON.stringify(found)).toMatchObject({ state, message: expect.stringMatching(said) });
  });
}

/** As if the first apply had found this program as node: a lost ledger does not say otherwise. */
export const underNode =
  (text: string): Case["arrange"] =>
  (project) => {
    project.write("other/node", text, 0o755);
    project.write("rollcall.config.yaml", `session: { path: "${project.path("other")}:/usr/bin:/bin" }\n`);
    project.remove("state");
    project.write("agents/.rollcall/node.local.path", `${project.path("other")}/node\n`);
  };
