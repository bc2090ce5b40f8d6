// A machine that is not as it should be: a clock that jumps, no tmux, a dead or an impossible socket, an impatient person.
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { errorShape, planShape, runShape } from "../../support/documents.ts";
import { fleetFiles } from "../../support/fleets.ts";
import { expectUntouched, openProject, type Project, type Ran } from "../../support/project-fixture.ts";
import { convergedProject } from "../../support/shared-project.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const WAITING = ["sleep", "100000"];
const fleet = convergedProject({ files: fleetFiles() });

/** An environment in which it is so many hours earlier or later. */
function hoursOff(project: Project, hours: number): Readonly<Record<string, string>> {
  const text = `const now = Date.now; Date.now = () => now() + ${hours} * 3600_000;
const Real = Date;
globalThis.Date = class extends Real { constructor(...args) { args.length === 0 ? super(Real.now()) : super(...args); } };
`;
  project.write(`../home/clock${hours}.mjs`, text);
  return { NODE_OPTIONS: `--import=${project.home}/clock${hours}.mjs` };
}

test.each([2, -2])(
  "a clock that jumps by %i hours: nothing expires, nothing runs twice, order is by number (row 49)",
  async (hours) => {
    const project = openProject({ files: fleetFiles({ command: WAITING }) });
    expect((await project.run(["apply", "-y"])).code).toBe(0);
    const panes = (): string => project.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_pid}"]);
    const before = panes();
    const env = hoursOff(project, hours);
    await expectUntouched(project.root, async () => {
      expect((await project.run(["reconcile"], { env })).code).toBe(0);
      expect((await project.run(["plan", "--detailed-exitcode"], { env })).code).toBe(0);
    });
    project.write(MEMORY, "# Somebody else\n");
    expect((await project.run(["apply", "-y"], { env })).code).toBe(0);
    project.write(MEMORY, "# Somebody else again\n");
    expect((await project.run(["apply", "-y"])).code).toBe(0);
    expect(panes()).toBe(before);
    const { runs } = (await project.run(["history", "-o", "json"])).json() as unknown as { runs: { id: string }[] };
    expect(runs.map(({ id }) => id.slice(0, 4))).toEqual([...runs.map(({ id }) => id.slice(0, 4))].sort().reverse());
    expect(runs).toHaveLength(3);
  },
);

test("a lock taken in the future is respected, one of the past by a dead process is not (rows 46, 47, 49)", async () => {
  const project = fleet();
  project.write(MEMORY, "# Somebody else\n");
  const { readFileSync } = await import("node:fs");
  const stat = readFileSync(`/proc/${process.pid}/stat`, "utf8");
  const startTick = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const { hostname } = await import("node:os");
  const lock = { pid: process.pid, startTick, bootId, host: hostname(), command: "rollcall reconcile" };
  project.write("state/lock", `${JSON.stringify({ ...lock, since: "2999-01-01T00:00:00.000Z" })}\n`);
  expect((await project.run(["apply", "-y", "--files-only"], { env: hoursOff(project, 2) })).code).toBe(4);
  project.write("state/lock", `${JSON.stringify({ ...lock, startTick: "1", since: "2999-01-01T00:00:00.000Z" })}\n`);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
});

const NO_TMUX = { PATH: "/nowhere/bin" };

test("without tmux: the files are done, sessions are unknown with a warning; 5, and 2 for those who only look (row 50)", async () => {
  const project = openProject({ files: fleetFiles() });
  project.write("rollcall.config.yaml", `session: { path: "${project.env["PATH"]}" }\n`);
  const told = (ran: Ran): void => expect(ran.stderr + ran.stdout).toMatch(/W701.*tmux is not installed/);
  const applied = await project.run(["apply", "-y"], { env: NO_TMUX });
  expect(applied.code, applied.stdout + applied.stderr).toBe(5);
  told(applied);
  expect(project.exists(MEMORY)).toBe(true);
  const again = await project.run(["apply", "-y", "-o", "json"], { env: NO_TMUX });
  expect(again.code).toBe(5);
  expect(runShape.parse(again.json())).toMatchObject({ outcomes: [], converged: false });
  const planned = await project.run(["plan", "--detailed-exitcode", "-o", "json"], { env: NO_TMUX });
  expect(planned.code).toBe(2);
  expect(planShape.parse(planned.json())).toMatchObject({ actions: [], deferred: [{}, {}] });
  const verified = await project.run(["verify"], { env: NO_TMUX });
  expect(verified.code).toBe(2);
  expect((await project.run(["plan"], { env: NO_TMUX })).code).toBe(0);
  const status = await project.run(["status", "-o", "json"], { env: NO_TMUX });
  expect(status.json()).toMatchObject({ agents: [{ health: "unknown" }, { health: "unknown" }] });
});

test("a socket whose server died is no server: sessions are started on a new one (row 50)", async () => {
  const project = openProject({ files: fleetFiles({ command: WAITING }) });
  project.tmux(["new-session", "-d", "-s", "gone", "sleep 1000"]);
  const server = Number(project.tmux(["display-message", "-p", "#{pid}"]));
  process.kill(server, "SIGKILL");
  const applied = await project.run(["apply", "-y"]);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  expect(project.tmux(["list-sessions", "-F", "#{session_name}"]).split("\n").sort()).toEqual([
    "iw-backend-agent",
    "iw-planning-agent",
  ]);
});

test("a socket that somebody else listens on and never answers: every call has its limit, the files are done (row 50)", async () => {
  const project = openProject({ files: fleetFiles({ command: WAITING }) });
  const { mkdirSync } = await import("node:fs");
  const folder = `/tmp/tmux-${process.getuid?.() ?? 0}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(`${folder}/${project.socket}`, resolve));
  onTestFinished(() => void server.close());
  const started = performance.now();
  const applied = await project.run(["apply", "-y", "-o", "json"], { timeoutMs: 60_000 });
  expect(applied.code, applied.stdout + applied.stderr).toBe(5);
  expect(performance.now() - started).toBeLessThan(40_000);
  expect(project.exists(MEMORY)).toBe(true);
  const { remaining } = runShape.parse(applied.json());
  expect(remaining.deferred.map(({ reason }) => reason)).toEqual(Array(2).fill(expect.stringMatching(/^unknown: /)));
});

test.each([
  ["whose path is longer than 107 bytes", "s".repeat(101), /^TMUX_SOCKET_OVERRIDE:1:1 error E024 .*at most 63/m],
  ["that is a path", "../elsewhere", /^TMUX_SOCKET_OVERRIDE:1:1 error E024 .*a name, not a path/m],
])("a socket %s is said before anything is written or started (row 70)", async (_what, socket, told) => {
  const project = openProject({ files: fleetFiles({ command: WAITING }) });
  const env = { TMUX_SOCKET_OVERRIDE: socket };
  for (const args of [["apply", "-y"], ["plan"], ["reconcile"]]) {
    const ran = await expectUntouched(project.root, () => project.run(args, { env }));
    expect(ran, args.join(" ")).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toMatch(told);
  }
  const json = await project.run(["apply", "-y", "-o", "json"], { env });
  expect(errorShape.parse(json.json()).diagnostics.map(({ code }) => code)).toContain("E024");
});

test("interrupted twice it ends at once, and the next apply goes on from there (row 59)", async () => {
  const agents = Array.from({ length: 60 }, (_, index) => ({ name: `agent-${index + 1}` }));
  const project = openProject({ files: fleetFiles({ agents }) });
  const { child, ended } = project.start(["apply", "-y", "--files-only"]);
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (bytes: Buffer) => bytes.toString().includes("/241] done") && resolve());
  });
  child.kill("SIGINT");
  setTimeout(() => child.kill("SIGINT"), 30);
  const ran = await ended;
  expect(ran.code, ran.stderr.slice(-300)).toBe(130);
  const again = await project.run(["apply", "-y", "--files-only"]);
  expect(again.code, again.stderr.slice(-300)).toBe(0);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
});
