// rollcall doctor on the project and its records: what is broken is told with its way out, and hides nothing else.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import {
  type Case,
  commit,
  examine,
  type Finding,
  SOUND,
  soundProject,
  tellsOf,
  write,
} from "../support/doctor-fixture.ts";
import { COMMANDS, openProject } from "../support/project-fixture.ts";

const fleet = soundProject();
const isRoot = process.getuid?.() === 0;

/** The lock file of a run, as it stands while the run goes on. */
function lock(holder: object): Case["arrange"] {
  const run = { pid: 1, startTick: "1", bootId: "b", host: "h", command: "rollcall apply" };
  return write("state/lock", JSON.stringify({ ...run, since: "2026-01-01T00:00:00.000Z", ...holder }));
}

const CASES: readonly Case[] = [
  {
    id: "clock",
    state: "warning",
    what: "the last run ended in a time to come",
    said: /behind the last run/,
    arrange: (project) => {
      const name = readdirSync(project.path("state/runs"))[0];
      const run = JSON.parse(project.read(`state/runs/${name}`));
      project.write(`state/runs/${name}`, JSON.stringify({ ...run, ended: "2999-01-01T00:00:00.000Z" }));
    },
  },
  {
    id: "project",
    state: "error",
    what: "started outside",
    said: /no fleet project/,
    arrange: () => {},
    start: () => ({ cwd: "../home" }),
  },
  {
    id: "config",
    state: "error",
    what: "an unknown key",
    said: /not valid/,
    arrange: write("rollcall.config.yaml", "sokcet: x\n"),
  },
  {
    id: "spec",
    state: "error",
    what: "a broken registry",
    said: /error/,
    arrange: write("desired/registry.yaml", "agents: [\n"),
  },
  {
    id: "templates",
    state: "error",
    what: "an unknown variable",
    said: /error/,
    arrange: write("templates/CLAUDE.md", "{{ agent.nmae }}\n"),
  },
  {
    id: "agents-folder",
    state: "error",
    what: "a link",
    said: /link/,
    arrange: (project) => {
      renameSync(project.path("agents"), project.path("elsewhere"));
      symlinkSync("elsewhere", project.path("agents"));
    },
  },
  {
    id: "agents-folder",
    state: "error",
    what: "open to everybody",
    said: /writable by every user/,
    arrange: (project) => chmodSync(project.path("agents"), 0o777),
  },
  {
    id: "agents-folder",
    state: "info",
    what: "not there yet",
    said: /not there yet/,
    arrange: (project) => project.remove("agents"),
  },
  {
    id: "state-folder",
    state: "warning",
    what: "readable by others",
    said: /mode 755/,
    arrange: (project) => chmodSync(project.path("state"), 0o755),
  },
  {
    id: "state-folder",
    state: "error",
    what: "writable by others",
    said: /mode 777/,
    arrange: (project) => chmodSync(project.path("state"), 0o777),
  },
  {
    id: "state-folder",
    state: "info",
    what: "not there yet",
    said: /not there yet/,
    arrange: (project) => project.remove("state"),
  },
  {
    id: "git-ignore",
    state: "warning",
    what: "no .gitignore",
    said: /would commit/,
    arrange: (project) => {
      project.remove(".gitignore");
      commit(project);
    },
  },
  {
    id: "lock-file",
    state: "warning",
    what: "in no commit",
    said: /in no commit/,
    arrange: (project) => {
      project.write(".gitignore", `${project.read(".gitignore")}agents/rollcall.lock.json\n`);
      commit(project);
    },
  },
  { id: "git-ignore", state: "skipped", what: "no repository", said: /no git repository/, arrange: () => {} },
  {
    id: "records",
    state: "error",
    what: "a broken ledger",
    said: /ledger\.json/,
    arrange: write("state/ledger.json", "{"),
  },
  {
    id: "records",
    state: "error",
    what: "a lock file with a merge conflict",
    said: /rollcall\.lock\.json/,
    arrange: (project) =>
      project.write("agents/rollcall.lock.json", `<<<<<<< ours\n${project.read("agents/rollcall.lock.json")}`),
  },
  {
    id: "records",
    state: "info",
    what: "no ledger",
    said: /no ledger/,
    arrange: (project) => project.remove("state/ledger.json"),
  },
  {
    id: "run-lock",
    state: "warning",
    what: "a dead holder",
    said: /dead/,
    arrange: lock({ host: hostname(), bootId: "before the last boot" }),
  },
  {
    id: "run-lock",
    state: "warning",
    what: "a holder on another host",
    said: /held from elsewhere/,
    arrange: lock({ host: "another-host" }),
  },
  {
    id: "run-lock",
    state: "error",
    what: "not written by us",
    said: /cannot read the lock/,
    arrange: write("state/lock", "busy"),
  },
  {
    id: "journal",
    state: "warning",
    what: "a killed run",
    said: /1 run did not end/,
    arrange: write(
      "state/journal/0009-abcd.jsonl",
      `${JSON.stringify({ journal: 1, run: "0009-abcd", command: "apply", started: "2026-01-01T00:00:00.000Z" })}\n`,
    ),
  },
  {
    id: "journal",
    state: "error",
    what: "a broken journal",
    said: /journal/,
    arrange: write("state/journal/0009-abcd.jsonl", "{\n{}\n"),
  },
];

tellsOf(CASES, fleet);

test("a project that was copied is told to have been", async () => {
  const project = fleet();
  execFileSync("cp", ["-a", project.root, project.path("../home/copy")]);
  const { finding } = await examine(project, { cwd: "../home/copy" });
  expect(finding("records")).toMatchObject({ state: "warning", message: expect.stringContaining("was written in") });
});

test("configuration, spec and ledger broken at once: each is told, and nothing hides the machine", async () => {
  const project = fleet();
  project.write("desired/registry.yaml", "agents: 7\n");
  project.write("state/ledger.json", "not a ledger");
  const { finding } = await examine(project);
  expect(finding("spec").state).toBe("error");
  expect(finding("records").state).toBe("error");
  expect(finding("hooks").state).toBe("skipped");
  expect(finding("tmux").state).toBe("ok");
  project.write("rollcall.config.yaml", "]\n");
  const worse = await examine(project);
  expect(worse.finding("config")).toMatchObject({
    state: "error",
    details: [expect.stringMatching(/rollcall\.config\.yaml:1/)],
  });
  expect(worse.finding("records").state).toBe("skipped");
  expect(worse.finding("node").state).toBe("ok");
});

/** Doctor with another file system in place of the agents folder. */
function mounted(options: string): Finding {
  const project = openProject(SOUND);
  const words = ["sh", "-c", `mkdir -p agents && mount -t tmpfs -o ${options} tmpfs agents && exec "$@"`, "sh"];
  const doctor = [process.execPath, COMMANDS.rollcall, "doctor", "-o", "json"];
  const namespace = isRoot ? "-m" : "-rm";
  const ran = spawnSync("unshare", [namespace, ...words, ...doctor], { cwd: project.root, env: project.env });
  const { checks }: { readonly checks: readonly Finding[] } = JSON.parse(ran.stdout.toString());
  return checks.find((one) => one.id === "disk") ?? expect.fail(ran.stderr.toString());
}

test("a disk that cannot be written to is an error, one that is nearly full a warning", () => {
  expect(mounted("ro")).toMatchObject({ state: "error", message: expect.stringContaining("cannot be written") });
  expect(mounted("size=1m")).toMatchObject({ state: "warning", message: expect.stringContaining("nearly full") });
});
