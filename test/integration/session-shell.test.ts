// Every session is started with bash as its shell and with the agent's name, whatever the starter's environment says.
import { readFileSync, realpathSync } from "node:fs";
import { expect, test } from "vitest";
import { fleetFiles, PAIR } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { forgetProcesses, QUIET, sessionsOn, until } from "../support/tmux-fixture.ts";

/** The environment a session's process was started with, as the kernel tells it. */
function environmentOf(project: Project, agent: string): Record<string, string> {
  const pid = sessionsOn(project.socket)[`iw-${agent}`]?.pid ?? 0;
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  return Object.fromEntries(entries.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]));
}

const shellCheck = async (project: Project): Promise<unknown> => {
  const { checks } = (await project.run(["doctor", "-o", "json"])).json() as unknown as { checks: { id: string }[] };
  return checks.find(({ id }) => id === "session-shell");
};

/** Another shell than bash that tmux takes for one: on the machines of users it is zsh. */
const DASH = realpathSync("/bin/sh");

test.each([undefined, DASH])("under SHELL %s, as cron and systemd leave it, sessions get bash", async (SHELL) => {
  const project = openProject({ files: fleetFiles({ command: QUIET }), git: true });
  const ran = await project.run(["reconcile"], { env: { SHELL } });
  expect(ran.code, ran.stderr).toBe(0);
  for (const { name } of PAIR)
    expect(environmentOf(project, name)).toMatchObject({ SHELL: "/bin/bash", ROLLCALL_AGENT: name });
  expect(await shellCheck(project)).toMatchObject({ state: "ok", message: "/bin/bash; 2 sessions running" });
});

test("a value of the spec is not used, and validate says where it is", async () => {
  const files = fleetFiles({ command: QUIET });
  const project = openProject({ files });
  project.edit("desired/fleet.yaml", "session:\n", "session:\n  env: { SHELL: /bin/zsh, LANG: C.UTF-8 }\n");
  project.edit(
    "desired/registry.yaml",
    "    delegates_to: [backend-agent]\n",
    "    delegates_to: [backend-agent]\n    env: { ROLLCALL_AGENT: somebody }\n",
  );
  const validated = await project.run(["validate"]);
  expect(validated.code).toBe(0);
  const said = validated.stdout + validated.stderr;
  expect(said).toMatch(/desired\/fleet\.yaml:\d+:\d+ .*W654.*SHELL="\/bin\/zsh" is not used/);
  expect(said).toMatch(/desired\/registry\.yaml:\d+:\d+ .*W654.*ROLLCALL_AGENT="somebody" is not used/);
  expect((await project.run(["apply", "-y"])).code).toBe(0);
  expect(environmentOf(project, "planning-agent")).toMatchObject({
    SHELL: "/bin/bash",
    ROLLCALL_AGENT: "planning-agent",
  });
});

test("a session that was started without it goes on, doctor names it, and the next start of it has bash", async () => {
  const project = openProject({ files: fleetFiles({ command: QUIET }) });
  expect((await project.run(["apply", "-y"])).code).toBe(0);
  const before = sessionsOn(project.socket)["iw-backend-agent"];
  // As a Rollcall before this one started it: the same mark, another environment.
  const words = ["env", "-u", "ROLLCALL_AGENT", `SHELL=${DASH}`, ...QUIET];
  project.tmux(["respawn-pane", "-k", "-t", "=iw-backend-agent:", ...words]);
  const old = sessionsOn(project.socket)["iw-backend-agent"];
  expect(old?.pid).not.toBe(before?.pid);
  await until("it runs under another shell", () => environmentOf(project, "backend-agent")["SHELL"] === DASH);
  forgetProcesses(project);
  expect((await project.run(["apply", "-y"])).code).toBe(0);
  expect(sessionsOn(project.socket)["iw-backend-agent"]).toEqual(old);
  expect(await shellCheck(project)).toMatchObject({
    state: "warning",
    message: expect.stringMatching(/^1 session started without SHELL=\/bin\/bash/),
    details: [`backend-agent: SHELL=${DASH}`],
  });
  process.kill(old?.pid ?? 0, "SIGKILL");
  await until("it has ended", () => sessionsOn(project.socket)["iw-backend-agent"]?.dead === true);
  expect((await project.run(["apply", "-y"])).code).toBe(0);
  expect(environmentOf(project, "backend-agent")).toMatchObject({
    SHELL: "/bin/bash",
    ROLLCALL_AGENT: "backend-agent",
  });
});
