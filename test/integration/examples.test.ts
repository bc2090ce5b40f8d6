// The files that people copy, run as they are written: the crontab line as cron runs it, the workflow's steps as a runner
// does, in a clone.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { COMMANDS, openProject, type Project } from "../support/project-fixture.ts";
import { applied, liveOf, QUIET, realTmux, sessionsOn, until } from "../support/tmux-fixture.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

interface Crontab {
  readonly variables: Readonly<Record<string, string>>;
  readonly schedule: string;
  readonly command: string;
}

/** Reads a crontab as crontab(5) says: comments, variables, one line with five fields and a command. */
function readCrontab(): Crontab {
  const lines = readFileSync(join(repository, "examples/crontab"), "utf8").split("\n");
  const said = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const variables = said.flatMap((line) => {
    const [, name = "", value = ""] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    return name === "" ? [] : [[name, value] as const];
  });
  const jobs = said.filter((line) => !/^[A-Z_]+=/.test(line));
  expect(jobs).toHaveLength(1);
  const [, schedule = "", command = ""] = /^((?:\S+\s+){4}\S+)\s+(.+)$/.exec(jobs[0] ?? "") ?? [];
  // cron ends a command at a percent sign that is not escaped.
  expect(command).not.toMatch(/(^|[^\\])%/);
  return { variables: Object.fromEntries(variables), schedule, command };
}

/** What cron would mail: everything the command prints, run by /bin/sh in cron's environment and the home folder. */
function mailOf(project: Project, path: string): string {
  const { variables, command } = readCrontab();
  const env = {
    ...variables,
    PATH: `${path}:${variables["PATH"]}`,
    FLEET: project.root,
    ROLLCALL: COMMANDS.rollcall,
    HOME: project.home,
    LOGNAME: "ada",
    SHELL: "/bin/sh",
    TMUX_SOCKET_OVERRIDE: project.socket,
  };
  const ran = spawnSync("/bin/sh", ["-c", command], { cwd: project.home, env, encoding: "utf8", timeout: 60_000 });
  expect(ran.signal).toBeNull();
  return ran.stdout + ran.stderr;
}

/** A folder with the node that the built command, which is not installed here, finds on its PATH. */
function installed(project: Project): string {
  project.write("../home/bin/.keep", "");
  symlinkSync(process.execPath, join(project.home, "bin/node"));
  return join(project.home, "bin");
}

test("the crontab line: silent while it can help itself, mail when a person is needed", async () => {
  expect(readCrontab()).toMatchObject({
    variables: { FLEET: "/srv/fleet", ROLLCALL: "/usr/local/bin/rollcall", MAILTO: expect.stringContaining("@") },
    schedule: "*/10 * * * *",
  });
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET }), git: true });
  const path = installed(project);
  expect(mailOf(project, path)).toBe(""); // the very first pass brings everything up
  const { pid } = liveOf(project, "backend-agent");
  expect(mailOf(project, path)).toBe("");
  expect(liveOf(project, "backend-agent").pid).toBe(pid);

  project.tmux(["kill-session", "-t", "=iw-backend-agent"]);
  expect(mailOf(project, path)).toBe("");
  expect(Object.keys(sessionsOn(project.socket)).sort()).toEqual(["iw-backend-agent", "iw-planning-agent"]);

  project.tmux(["kill-session", "-t", "=iw-backend-agent"]);
  project.tmux(["new-session", "-d", "-s", "iw-backend-agent", "sleep 5000"]);
  expect(mailOf(project, path)).toContain("adopt session/backend-agent/main");
  project.edit("desired/registry.yaml", "delegates_to:", "delegates_too:");
  expect(mailOf(project, path)).toMatch(/desired\/registry\.yaml:\d+:\d+ error/);
});

test("the crontab line: a pass that meets a running one is silent, a fleet that is gone is not", async () => {
  const project = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET }) });
  const path = installed(project);
  const gate = `${project.home}/gate`;
  const script = `#!/bin/sh\ncase "$*" in *source-file*) while [ -e '${gate}' ]; do sleep 0.05; done;; esac\nexec ${realTmux()} "$@"\n`;
  project.write("../home/slow/tmux", script, 0o755);
  project.write("../home/gate", "");
  const running = project.start(["apply", "-y"], { env: { PATH: `${project.home}/slow:${project.env["PATH"]}` } });
  try {
    await until("the other run has the lock", () => project.exists("state/lock"), 20_000);
    expect(mailOf(project, path)).toBe("");
  } finally {
    project.remove("../home/gate");
    await running.ended;
  }
  await applied(project);
  const gone = `${project.root}-away`;
  expect(spawnSync("mv", [project.root, gone]).status).toBe(0);
  expect(mailOf(project, path)).toContain(project.root);
  expect(spawnSync("mv", [gone, project.root]).status).toBe(0);
});

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly if: string; readonly steps: readonly Step[] }>>;
}

const workflow = (): Workflow =>
  parse(readFileSync(join(repository, ".github/workflows/rollcall.yml"), "utf8")) as Workflow;

interface Runner {
  readonly root: string;
  readonly summary: string;
  /** Runs the `run` steps of a job as a runner does, up to the first that fails; its exit code and all that was said. */
  job(name: string): { readonly code: number | null; readonly said: string };
}

/** A checkout, and a runner's shell and files. npm's packages come from here instead of from the registry. */
function openRunner(): Runner {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-runner-")));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, "work");
  execFileSync("git", ["clone", "-q", "--no-hardlinks", repository, root]);
  const npm = execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim();
  const packages = join(repository, "node_modules");
  const script = `#!/bin/sh\nif [ "$*" = ci ]; then rm -f node_modules; exec ln -s '${packages}' node_modules; fi\nexec '${npm}' "$@"\n`;
  execFileSync("mkdir", [join(base, "bin")]);
  writeFileSync(join(base, "bin/npm"), script, { mode: 0o755 });
  const summary = join(base, "summary.md");
  const env = {
    PATH: `${join(base, "bin")}:${dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: base,
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_WORKSPACE: root,
    GITHUB_STEP_SUMMARY: summary,
  };
  return {
    root,
    summary,
    job: (name) => {
      let said = "";
      for (const { run } of workflow().jobs[name]?.steps ?? []) {
        if (run === undefined) continue;
        // The default shell of a step without `shell:`.
        const ran = spawnSync("bash", ["-e", "-c", run], { cwd: root, env, encoding: "utf8", timeout: 100_000 });
        said += ran.stdout + ran.stderr;
        if (ran.status !== 0) return { code: ran.status, said };
      }
      return { code: 0, said };
    },
  };
}

test("the workflow asks for nothing but to read, and runs strangers' code without rights", () => {
  const { on, permissions, jobs } = workflow();
  expect(Object.keys(on).sort()).toEqual(["pull_request", "schedule", "workflow_dispatch"]);
  expect(permissions).toEqual({ contents: "read" });
  expect(Object.keys(jobs)).toEqual(["plan", "verify"]);
  for (const { steps } of Object.values(jobs)) {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.map((one) => one.replace(/@[0-9a-f]{40}$/, ""))).toEqual(["actions/checkout", "actions/setup-node"]);
    // What a pull request is called or says must not become part of a command.
    for (const { run = "" } of steps) expect(run).not.toContain("${{");
  }
});

test("the workflow in a clone: the plan of a pull request in the step summary, and a check that bites", () => {
  const runner = openRunner();
  const clean = runner.job("verify");
  expect(clean.code, clean.said).toBe(0);

  const registry = join(runner.root, "desired/registry.yaml");
  const before = readFileSync(registry, "utf8");
  writeFileSync(registry, before.replace(/(name: tracking-agent\n[\s\S]*?model: )haiku/, "$1sonnet"));
  const planned = runner.job("plan");
  expect(planned.code, planned.said).toBe(0);
  const summary = readFileSync(runner.summary, "utf8");
  expect(summary).toMatch(/^### Rollcall plan: instructor-workflow$/m);
  expect(summary).toMatch(/^\| ~ update \| `config\/tracking-agent\/\.claude\/settings\.json` \| pending \|/m);
  expect(summary).toContain('"haiku" → "sonnet"');
  expect(summary).not.toContain("session/");

  const late = runner.job("verify");
  expect(late.code).toBe(2);
  expect(late.said).toMatch(/^config\/tracking-agent\/\.claude\/settings\.json pending: /m);

  writeFileSync(registry, before.replace("agents:\n", "agents:\n  ghost: {}\n"));
  const broken = runner.job("plan");
  expect(broken.code).toBe(1);
  expect(broken.said).toMatch(/desired\/registry\.yaml:\d+:\d+ error/);
});
