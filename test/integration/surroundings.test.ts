// The same command from cron, from inside tmux and from a terminal: the same plan, and no session doubled or replaced.
import { expect, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { COMMANDS, openProject, type Project, type RunOptions } from "../support/project-fixture.ts";
import {
  clientPath,
  endAfterwards,
  installClient,
  openTerminal,
  QUIET,
  sessionsOn,
  tmuxOn,
  until,
  wordsOf,
} from "../support/tmux-fixture.ts";

/** cron's environment: nothing of a login, and not even the variable the harness gives. */
const CRON = { PATH: "/usr/bin:/bin", LC_ALL: "C", HOME: undefined, LANG: undefined, TMUX_SOCKET_OVERRIDE: undefined };

interface Place {
  readonly name: string;
  readonly env: NonNullable<RunOptions["env"]>;
}

/** The project with the places from which it is looked at. `socket` is the fleet's own, ended after the test. */
async function fleetWithPlaces(
  command: readonly string[],
): Promise<{ fleet: Project; socket: string; places: Place[] }> {
  const fleet = openProject({ files: fleetFiles({ agents: PAIR, command }) });
  installClient(fleet);
  const login = {
    TMUX_SOCKET_OVERRIDE: undefined,
    PATH: clientPath(fleet),
    TERM: "xterm-256color",
    SHELL: "/bin/bash",
  };
  const places = [
    { name: "a login shell", env: login },
    { name: "cron", env: CRON },
    {
      name: "inside tmux",
      env: {
        ...login,
        TMUX: "/tmp/tmux-0/default,4711,0",
        TMUX_PANE: "%3",
        TMUX_TMPDIR: fleet.home,
        TERM: "tmux-256color",
      },
    },
    { name: "an agent's own Bash", env: { ...login, CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: "x", TERM: "dumb" } },
  ];
  const status = await fleet.run(["status", "-o", "json"], { env: login });
  const { socket } = status.json() as unknown as { socket: string };
  endAfterwards(socket);
  return { fleet, socket, places };
}

/** The plan of a place, without the one thing that is a clock. */
async function planFrom(fleet: Project, { env }: Place): Promise<unknown> {
  const ran = await fleet.run(["plan", "-o", "json"], { env });
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout.replaceAll(/"since": ?"[^"]*"/g, '"since":""'));
}

test("whatever there is to do, every place says the same, and one repairs for all", async () => {
  const { fleet, socket, places } = await fleetWithPlaces(QUIET);
  const [shell, cron] = places;
  if (!shell || !cron) return expect.fail("no places");
  expect((await fleet.run(["apply", "-y"], { env: shell.env })).code).toBe(0);
  const first = sessionsOn(socket);
  expect(Object.keys(first).sort()).toEqual(["iw-backend-agent", "iw-planning-agent"]);

  for (const place of places) {
    expect(await planFrom(fleet, place), place.name).toMatchObject({ actions: [], deferred: [], blocked: [] });
    expect((await fleet.run(["reconcile"], { env: place.env })).code, place.name).toBe(0);
  }
  expect(sessionsOn(socket)).toEqual(first);

  tmuxOn(socket, ["kill-session", "-t", "=iw-planning-agent"]);
  fleet.write("agents/backend-agent/.claude/CLAUDE.md", "# Käse, by hand\n");
  const plans = [];
  for (const place of places) plans.push(await planFrom(fleet, place));
  expect(plans[0]).toMatchObject({ actions: [{ verdict: "tampered" }, { verdict: "vanished" }] });
  for (const [index, plan] of plans.entries()) expect(plan, places[index]?.name).toEqual(plans[0]);

  const healed = await fleet.run(["reconcile"], { env: cron.env });
  expect(healed.code, healed.stderr).toBe(0);
  const after = sessionsOn(socket);
  expect(after["iw-backend-agent"]).toEqual(first["iw-backend-agent"]);
  expect(Object.keys(after)).toHaveLength(2);
  for (const place of places) expect(await planFrom(fleet, place), place.name).toMatchObject({ actions: [] });
});

test("what cron starts after a reboot is what the person's shell started: same client, same PATH, same conversation", async () => {
  const { fleet, socket, places } = await fleetWithPlaces(["claude"]);
  const [shell, cron] = places;
  if (!shell || !cron) return expect.fail("no places");
  expect((await fleet.run(["apply", "-y"], { env: shell.env })).code).toBe(0);
  const pid = sessionsOn(socket)["iw-backend-agent"]?.pid ?? 0;
  const conversation = wordsOf(pid)[3];
  expect(conversation).toMatch(/^[0-9a-f-]{36}$/);

  tmuxOn(socket, ["kill-server"]);
  await until("the server is gone", () => Object.keys(sessionsOn(socket)).length === 0);
  const healed = await fleet.run(["reconcile"], { env: { ...cron.env, HOME: fleet.home } });
  expect(healed.code, healed.stdout + healed.stderr).toBe(0);
  const words = wordsOf(sessionsOn(socket)["iw-backend-agent"]?.pid ?? 0);
  expect(words.slice(1)).toEqual([`${fleet.home}/.local/bin/claude`, "--session-id", conversation]);
  const environment = tmuxOn(socket, ["show-environment", "-g"]);
  expect(environment).toContain(`PATH=${clientPath(fleet)}`);
  expect(environment).not.toMatch(/^(TMUX|CLAUDECODE|CLAUDE_CODE_)/m);
  for (const place of places) {
    const env = { ...place.env, HOME: fleet.home };
    expect(await planFrom(fleet, { ...place, env }), place.name).toMatchObject({
      actions: [],
      deferred: [],
      blocked: [],
    });
  }
});

test("in a terminal it shows the plan and asks; a no writes nothing, a yes does it", async () => {
  const fleet = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET }) });
  const command = [process.execPath, COMMANDS.rollcall, "apply"];
  const refused = openTerminal(command, { env: fleet.env, cwd: fleet.root });
  await until("it asks", () => refused.screen().includes("Apply this plan?"), 20_000);
  refused.press("n");
  refused.press("Enter");
  expect(await refused.ended()).toBe(1);
  expect(refused.screen()).toContain("session/planning-agent/main");
  expect(fleet.exists("agents")).toBe(false);
  expect(sessionsOn(fleet.socket)).toEqual({});

  const agreed = openTerminal(command, { env: fleet.env, cwd: fleet.root });
  await until("it asks", () => agreed.screen().includes("Apply this plan?"), 20_000);
  agreed.press("y");
  expect(await agreed.ended()).toBe(0);
  const first = sessionsOn(fleet.socket);
  expect(Object.keys(first).sort()).toEqual(["iw-backend-agent", "iw-planning-agent"]);

  const again = openTerminal(command, { env: fleet.env, cwd: fleet.root });
  expect(await again.ended()).toBe(0); // nothing to do, nothing to ask
  expect(sessionsOn(fleet.socket)).toEqual(first);
});

/** A first pass by cron alone is meant to be one. */
const ALLOWED = "policy: { unattended_widening: allow }\n";

test("the client that a person's terminal finds replaces the fallback that cron had to take", async () => {
  const { fleet, socket, places } = await fleetWithPlaces(["claude"]);
  const cron = places.find(({ name }) => name === "cron");
  const bare = { ...cron?.env, HOME: fleet.home };
  fleet.edit("desired/fleet.yaml", "session:\n", `${ALLOWED}session:\n  fallback: ${JSON.stringify(QUIET)}\n`);
  const first = await fleet.run(["reconcile"], { env: bare });
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toContain("claude is not installed");
  expect(wordsOf(sessionsOn(socket)["iw-backend-agent"]?.pid ?? 0)).toEqual(QUIET);

  const env = { PATH: clientPath(fleet), HOME: fleet.home, LANG: "C.UTF-8" };
  const terminal = openTerminal([process.execPath, COMMANDS.rollcall, "apply", "-y"], { env, cwd: fleet.root });
  expect(await terminal.ended(), terminal.screen()).toBe(0);
  expect(wordsOf(sessionsOn(socket)["iw-backend-agent"]?.pid ?? 0)).toContain("--session-id");
  const after = sessionsOn(socket);
  expect((await fleet.run(["reconcile"], { env: bare })).code).toBe(0);
  expect(sessionsOn(socket)).toEqual(after);
});

test("the socket is told apart only by its name: another TMUX_TMPDIR finds the same server", async () => {
  const fleet = openProject({ files: fleetFiles({ agents: PAIR, command: QUIET }) });
  const env = { TMUX_TMPDIR: fleet.home };
  expect((await fleet.run(["apply", "-y"], { env })).code).toBe(0);
  expect(Object.keys(sessionsOn(fleet.socket))).toHaveLength(2);
});
