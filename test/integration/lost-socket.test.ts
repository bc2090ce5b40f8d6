// The socket of a living tmux server is gone: the agents in it are not. They are found, kept, and reached again.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import {
  BUSY,
  IN_ITS_PLACE,
  livePair,
  loseSocket,
  obstruct,
  processesBelow,
  serverOf,
  sessionsAgain,
  socketOf,
} from "../support/lost-socket.ts";
import { COMMANDS, openProject, type Project, type Ran } from "../support/project-fixture.ts";
import { openTerminal, planned, QUIET, runs, sessionsOn, statuses, tmuxOn, until } from "../support/tmux-fixture.ts";

const ADDRESS = "session/backend-agent/main";

type Verb = readonly [command: "rollcall" | "claude-agent", words: readonly string[]];

const REACHING: readonly Verb[] = [
  ["rollcall", ["apply", "-y"]],
  ["rollcall", ["reconcile"]],
  ["rollcall", ["start", "backend-agent"]],
  ["claude-agent", ["create", "backend-agent"]],
];

const run = (project: Project, [command, words]: Verb): Promise<Ran> => project.run(words, { command });

/** The sentence that everything says. */
const gone = (project: Project, server: number): string =>
  `the tmux server (pid ${server}) runs, but its socket ${socketOf(project)} is gone`;

const said = ({ stdout, stderr }: Ran): string => stdout + stderr;

test.each(REACHING)("%s %s reaches idle agents again: the same sessions, the same processes", async (...verb) => {
  const { project, server } = await livePair();
  const before = sessionsOn(project.socket);
  loseSocket(project);
  const ran = await run(project, verb);
  expect(ran.code, said(ran)).toBe(0);
  expect(await sessionsAgain(project)).toEqual(before);
  expect(Number(project.tmux(["display-message", "-p", "#{pid}"]))).toBe(server);
  expect((await planned(project)).code).toBe(0);
});

test.each(REACHING)("%s %s reaches busy and attached agents again", async (...verb) => {
  const { project } = await livePair(BUSY);
  const env = { ...project.env, TERM: "xterm" };
  const terminal = openTerminal([process.execPath, COMMANDS.rollcall, "attach", "planning-agent"], {
    env,
    cwd: project.root,
  });
  const clients = () => project.tmux(["list-clients"]);
  await until("the person is attached", () => clients() !== "", 20_000);
  const before = sessionsOn(project.socket);
  const attached = clients();
  loseSocket(project);
  const ran = await run(project, verb);
  expect(ran.code, said(ran)).toBe(0);
  expect(await sessionsAgain(project)).toEqual(before);
  expect(clients(), terminal.screen()).toBe(attached);
});

test.each(Object.keys(IN_ITS_PLACE) as (keyof typeof IN_ITS_PLACE)[])(
  "with %s in the socket's place the server makes it again",
  async (what) => {
    const { project } = await livePair(BUSY);
    const before = sessionsOn(project.socket);
    IN_ITS_PLACE[what](project);
    const ran = await project.run(["reconcile"]);
    expect(ran.code, said(ran)).toBe(0);
    expect(await sessionsAgain(project)).toEqual(before);
  },
);

test("whatever only looks says so and sends nothing", async () => {
  const { project, server } = await livePair();
  const before = processesBelow(server);
  loseSocket(project);
  const { code, plan } = await planned(project);
  expect(code).toBe(3);
  expect([plan.actions, plan.deferred]).toEqual([[], []]);
  expect(plan.blocked).toHaveLength(2);
  expect(plan.blocked[0]).toMatchObject({ address: ADDRESS, verdict: "unknown", reason: gone(project, server) });
  expect(plan.blocked[0]?.hint).toContain("rollcall apply");
  expect(plan.warnings.at(-1)).toMatchObject({ code: "W720", message: gone(project, server) });
  expect(plan.summary.drift).toBe(0);
  expect((await statuses(project))["backend-agent"]).toMatchObject({
    sync: "blocked",
    health: "unknown",
    notes: [gone(project, server)],
    session: null,
  });
  const looks: readonly (readonly [Verb, number])[] = [
    [["rollcall", ["plan"]], 0],
    [["rollcall", ["verify"]], 3],
    [["rollcall", ["status"]], 0],
    [["rollcall", ["list"]], 1],
    [["rollcall", ["logs", "backend-agent"]], 1],
    [["rollcall", ["send", "backend-agent", "hello"]], 1],
    [["rollcall", ["adopt", "-y", ADDRESS]], 1],
    [["rollcall", ["stop", "backend-agent"]], 3],
    [["rollcall", ["stop", "backend-agent", "--force"]], 3],
    [["claude-agent", ["status"]], 0],
    [["claude-agent", ["status", "backend-agent"]], 0],
    [["claude-agent", ["list"]], 1],
    [["claude-agent", ["kill", "backend-agent"]], 1],
    [["claude-agent", ["kill", "--all"]], 1],
  ];
  for (const [verb, expected] of looks) {
    const ran = await run(project, verb);
    expect(ran.code, `${verb[1].join(" ")}: ${said(ran)}`).toBe(expected);
    expect(said(ran), verb[1].join(" ")).toContain(gone(project, server));
    expect(said(ran), verb[1].join(" ")).not.toMatch(/Not Running|not running|vanished|absent/);
  }
  expect((await project.run(["doctor"])).stdout).toContain(gone(project, server));
  expect(existsSync(socketOf(project))).toBe(false);
  expect(processesBelow(server)).toEqual(before);
  expect((await statuses(project))["backend-agent"]?.hold).toBeUndefined();
});

test.each([
  ["a folder is in the socket's place", obstruct],
  [
    "the server is stopped",
    (project: Project, server: number) => {
      process.kill(server, "SIGSTOP");
      loseSocket(project);
    },
  ],
] as const)("where %s it stays blocked: exit 3, nothing ended, nothing started", async (_, prevent) => {
  const { project, server } = await livePair(BUSY);
  const before = processesBelow(server);
  const sessions = sessionsOn(project.socket);
  prevent(project, server);
  for (const verb of [...REACHING, ["rollcall", ["apply", "-y", "--force", "--prune"]] as const]) {
    const ran = await run(project, verb);
    expect(ran.code, `${verb[1].join(" ")}: ${said(ran)}`).toBe(3);
    expect(said(ran)).toContain(gone(project, server));
    expect(said(ran)).not.toMatch(/not running/i);
  }
  expect(processesBelow(server)).toEqual(before);
  expect(sessionsOn(project.socket)).toEqual({});
  rmSync(socketOf(project), { recursive: true, force: true });
  process.kill(server, "SIGCONT");
  const ran = await project.run(["apply", "-y"]);
  expect(ran.code, said(ran)).toBe(0);
  expect(await sessionsAgain(project)).toEqual(sessions);
});

test("another server has taken the socket: the agents below the old one are not doubled and not ended", async () => {
  const { project, server } = await livePair(BUSY);
  const before = processesBelow(server);
  const sessions = sessionsOn(project.socket);
  loseSocket(project);
  project.tmux(["new-session", "-d", "-s", "somebody", "sleep 1000"]);
  const other = serverOf(project);
  const words = `${gone(project, server)}: another server (pid ${other}) answers there`;
  const { code, plan } = await planned(project);
  expect(code).toBe(3);
  expect(plan.actions).toEqual([]);
  expect(plan.blocked).toMatchObject([{ verdict: "unknown", reason: words }, { reason: words }]);
  expect(plan.warnings.at(-1)).toMatchObject({ code: "W721", message: words });
  for (const verb of [...REACHING, ["rollcall", ["stop", "backend-agent"]] as const]) {
    const ran = await run(project, verb);
    expect(ran.code, `${verb[1].join(" ")}: ${said(ran)}`).toBe(3);
    expect(said(ran)).toContain(words);
  }
  const listed = await project.run(["list"]);
  expect([listed.code, said(listed)]).toEqual([1, expect.stringContaining(words)]);
  expect(processesBelow(server)).toEqual(before);
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["somebody"]);
  expect(runs(other)).toBe(true);

  project.tmux(["kill-server"]);
  await until("the other server is gone", () => !runs(other));
  const ran = await project.run(["apply", "-y"]);
  expect(ran.code, said(ran)).toBe(0);
  expect(await sessionsAgain(project)).toEqual(sessions);
});

test("an agent that has never run is not started beside those that cannot be reached", async () => {
  const { project, server } = await livePair(BUSY);
  const before = processesBelow(server);
  obstruct(project);
  project.edit(
    "desired/registry.yaml",
    "agents:\n",
    "agents:\n  newcomer: { name: newcomer, display_name: Newcomer, model: opus, tools: [Read], description: Comes late }\n",
  );
  const ran = await project.run(["apply", "-y", "newcomer"]);
  expect(ran.code, said(ran)).toBe(3);
  expect(said(ran)).toContain(gone(project, server));
  expect(processesBelow(server)).toEqual(before);
});

test("the ledger is lost as well: the server is known by the processes below it", async () => {
  const { project, server } = await livePair(BUSY);
  const sessions = sessionsOn(project.socket);
  loseSocket(project);
  project.remove("state");
  const { code, plan } = await planned(project);
  expect(code).toBe(3);
  expect(plan.actions).toEqual([]);
  expect(plan.blocked[0]?.reason).toBe(gone(project, server));
  const ran = await project.run(["reconcile"]);
  expect(ran.code, said(ran)).toBe(0);
  expect(await sessionsAgain(project)).toEqual(sessions);
});

test("a server of the fleet on another socket that lost it is not taken for an empty one", async () => {
  const { project, server } = await livePair(BUSY);
  const before = processesBelow(server);
  loseSocket(project);
  const elsewhere = `${project.socket}-new`;
  const env = { TMUX_SOCKET_OVERRIDE: elsewhere };
  const ran = await project.run(["apply", "-y"], { env });
  expect(ran.code, said(ran)).toBe(3);
  expect(said(ran)).toContain(`it may run on another socket: ${project.socket} (${gone(project, server)})`);
  expect(sessionsOn(elsewhere)).toEqual({});
  expect(processesBelow(server)).toEqual(before);
});

test("a server that was really killed is no lost one: its sessions are made anew", async () => {
  const { project, server } = await livePair();
  project.tmux(["kill-server"]);
  await until("the server is gone", () => !runs(server));
  const ran = await project.run(["reconcile"]);
  expect(ran.code, said(ran)).toBe(0);
  expect(Object.keys(sessionsOn(project.socket))).toHaveLength(2);
  expect(() => tmuxOn(project.socket, ["has-session", "-t", "=iw-backend-agent"])).not.toThrow();
});

test.skipIf(!mayMount())(
  "with the folder of the socket gone as well, it is made again, for its owner only",
  async () => {
    const project = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET }) });
    cpSync(dirname(COMMANDS.rollcall), project.path("../dist"), { recursive: true });
    // /tmp is shared with others: this story has one of its own, and the project bound to another place.
    const script = [
      "mount --bind .. /mnt && mount -t tmpfs t /tmp && cd /mnt/fleet && export HOME=/mnt/home",
      "$NODE /mnt/dist/rollcall.cjs apply -y >&2",
      "where() { tmux -L $TMUX_SOCKET_OVERRIDE list-panes -a -F '#{session_id} #{pane_pid}'; }",
      "before=$(where); rm -r /tmp/tmux-*",
      "$NODE /mnt/dist/rollcall.cjs reconcile >&2; code=$?",
      'after=$(where); echo "$code $(stat -c %a /tmp/tmux-*)"; echo "$before"; echo "$after"',
      "tmux -L $TMUX_SOCKET_OVERRIDE kill-server",
    ].join("\n");
    const env = { ...project.env, NODE: process.execPath };
    const ran = execFileSync("unshare", ["-rm", "sh", "-c", script], {
      cwd: project.root,
      env,
      encoding: "utf8",
      stdio: "pipe",
    });
    const [result, ...panes] = ran.trim().split("\n");
    expect(result).toBe("0 700");
    expect(panes).toHaveLength(4);
    expect(panes.slice(2)).toEqual(panes.slice(0, 2));
  },
);

function mayMount(): boolean {
  return spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "t", "/mnt"]).status === 0;
}
