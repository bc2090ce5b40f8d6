// A prompt typed from elsewhere, and what the agent's screen says: send and logs on a live session.
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import {
  applied,
  clientOf,
  clientPath,
  clientUp,
  endProcess,
  installClient,
  liveOf,
  statuses,
  tmuxOn,
  until,
} from "../support/tmux-fixture.ts";

const AGENT = "harbour-master";

async function harbour(command: readonly string[] = ["claude"]) {
  const project = openProject({ files: fleetFiles({ agents: [{ name: AGENT }], command }) });
  installClient(project);
  const env = { PATH: clientPath(project) };
  await applied(project, { env });
  const say = (words: readonly string[], input?: string) =>
    project.run(words, { env, ...(input === undefined ? {} : { input }) });
  return { project, say, env };
}

const turns = (project: Project): number => clientOf(project, AGENT)?.turns ?? 0;

test("a prompt reaches the client, given as words or on standard input, and logs shows it", async () => {
  const { project, say } = await harbour();
  await clientUp(project, AGENT);
  const sent = await say(["send", AGENT, "moor", "the", "$(ferry) 'now'; #{pid}"]);
  expect(sent.code, sent.stderr).toBe(0);
  expect(sent.stdout).toContain(`rollcall logs ${AGENT}`);
  await until("the client has taken the words", () => turns(project) === 1);
  expect((await say(["send", AGENT, "-"], "first line\nsecond line\n")).code).toBe(0);
  await until("the client has taken the lines", () => turns(project) === 3);

  const logs = await say(["logs", AGENT]);
  expect(logs.code, logs.stderr).toBe(0);
  expect(logs.stdout).toContain("moor the $(ferry) 'now'; #{pid}");
  const last = await say(["logs", AGENT, "-n", "1"]);
  expect(last.stdout).toBe("second line\n");
  expect(project.exists("state/lock")).toBe(false);
});

test("nothing is typed into a dialog, which it would answer, but with --force", async () => {
  const { project, say } = await harbour();
  await clientUp(project, AGENT);
  expect((await say(["send", AGENT, "waiting"])).code).toBe(0);
  await until("the client waits in a dialog", () => clientOf(project, AGENT)?.status === "waiting");
  const refused = await say(["send", AGENT, "yes"]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("waits in a dialog");
  expect(turns(project)).toBe(1);
  expect((await say(["send", AGENT, "--force", "idle"])).code).toBe(0);
  await until("the dialog is answered", () => clientOf(project, AGENT)?.status === "idle");
});

test("a fallback shell is not given a prompt to run", async () => {
  const { project, say, env } = await harbour(["no-such-client"]);
  expect((await statuses(project, { env }))[AGENT]?.notes).toContain("fallback");
  const refused = await say(["send", AGENT, `touch ${project.path("ran")}`]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("fallback");
  expect(project.exists("ran")).toBe(false);
});

test("what an agent said stays readable after its process has ended; then nothing can be sent", async () => {
  const { project, say } = await harbour();
  await clientUp(project, AGENT);
  await say(["send", AGENT, "last words"]);
  await until("the client has heard them", () => turns(project) === 1);
  await endProcess(project, AGENT, "SIGKILL");
  expect((await say(["logs", AGENT])).stdout).toContain("last words");
  const refused = await say(["send", AGENT, "anybody there?"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`rollcall start ${AGENT}`);
});

test("a stranger's session of the agent's name is neither read nor typed into", async () => {
  const project = openProject({ files: fleetFiles({ agents: [{ name: AGENT }] }) });
  tmuxOn(project.socket, ["new-session", "-d", "-s", `iw-${AGENT}`, "--", "sh", "-c", "echo secret; cat > heard"]);
  for (const words of [
    ["logs", AGENT],
    ["send", AGENT, "hello"],
  ]) {
    const ran = await project.run(words);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("no session managed by Rollcall");
  }
  expect(liveOf(project, AGENT).dead).toBe(false);
});

test.each([
  ["an unknown agent", ["send", "harbor-master", "hello"], `did you mean ${AGENT}?`],
  ["an empty text", ["send", AGENT, "  "], "there is no text to send"],
  ["a key instead of a text", ["send", AGENT, "stop\u0003"], "\\u0003"],
  ["lines that are no number", ["logs", AGENT, "-n", "many"], "whole number"],
])("%s is a usage error", async (_what, words, message) => {
  const project = openProject({ files: fleetFiles({ agents: [{ name: AGENT }] }) });
  const ran = await project.run(words);
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain(message);
});
