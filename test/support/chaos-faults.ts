// The blows: each breaks something that a person, a kernel or an accident breaks, and says what it did.

import { AGENTS, type ChaosFixture } from "./chaos-fixture.ts";
import type { Chance } from "./seeded-random.ts";
import { sessionsOn, until } from "./tmux-fixture.ts";

type Fault = (fixture: ChaosFixture, chance: Chance) => Promise<string> | string;

const wait = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** The agents whose sessions are there now. */
function present({ project }: ChaosFixture): string[] {
  const sessions = sessionsOn(project.socket);
  return AGENTS.filter((agent) => sessions[`iw-${agent}`]);
}

const killSession: Fault = (fixture, chance) => {
  const agents = present(fixture);
  if (agents.length === 0) return "no session to kill";
  const agent = chance.pick(agents);
  fixture.project.tmux(["kill-session", "-t", `=iw-${agent}`]);
  return `session of ${agent} killed`;
};

const killProcess: Fault = async (fixture, chance) => {
  const { project } = fixture;
  const agents = present(fixture);
  if (agents.length === 0) return "no process to kill";
  const agent = chance.pick(agents);
  const signal = chance.pick(["SIGKILL", "SIGTERM", "SIGSEGV"] as const);
  const { pid = 0, dead = true } = sessionsOn(project.socket)[`iw-${agent}`] ?? {};
  if (dead) return `${agent} is dead already`;
  process.kill(pid, signal);
  // Now and then tmux has not heard of it yet when we come.
  if (chance.number(2) === 0) await until("it is dead", () => sessionsOn(project.socket)[`iw-${agent}`]?.dead ?? true);
  return `process of ${agent} ended by ${signal}`;
};

const killServer: Fault = async ({ project }, chance) => {
  const byKernel = chance.number(2) === 0;
  if (Object.keys(sessionsOn(project.socket)).length === 0) return "no server to kill";
  const pid = Number(project.tmux(["display-message", "-p", "#{pid}"]));
  if (byKernel) process.kill(pid, "SIGKILL");
  else project.tmux(["kill-server"]);
  // Now and then the old server is still on its way out when we come.
  if (chance.number(2) === 0)
    await until("the server is gone", () => Object.keys(sessionsOn(project.socket)).length === 0);
  return `server ended ${byKernel ? "by SIGKILL" : "by kill-server"}`;
};

const renameSession: Fault = (fixture, chance) => {
  const agents = present(fixture);
  if (agents.length === 0) return "no session to rename";
  const agent = chance.pick(agents);
  fixture.project.tmux(["rename-session", "-t", `=iw-${agent}`, `away-${chance.number(1_000_000)}`]);
  return `session of ${agent} renamed`;
};

const tamper: Fault = ({ project }, chance) => {
  const agent = chance.pick(AGENTS.filter((name) => name !== "baker"));
  const file = chance.pick(["CLAUDE.md", "settings.json", "settings.local.json", "hooks/auto-deny", ""]);
  if (file === "") project.remove(`agents/${agent}`);
  else if (chance.number(3) === 0) project.remove(`agents/${agent}/.claude/${file}`);
  else if (project.exists(`agents/${agent}/.claude/${file}`)) project.write(`agents/${agent}/.claude/${file}`, "");
  return `agents/${agent}/.claude/${file} tampered with`;
};

/** A change of the spec, and an apply of it that is cut off at some moment. */
const cutApply: Fault = async (fixture, chance) => {
  const { project, env } = fixture;
  const story = `chapter ${chance.number(1_000_000)}`;
  const registry = project.read("desired/registry.yaml");
  project.write("desired/registry.yaml", registry.replaceAll(/in (a story|chapter \d+)/g, `in ${story}`));
  const { child, ended } = project.start(["apply", "-y"], { env });
  const after = 100 + chance.number(900);
  await Promise.race([wait(after), ended]);
  child.kill("SIGKILL");
  const { code } = await ended;
  return code === null ? `apply of ${story} cut off after ${after} ms` : `apply of ${story} was through with ${code}`;
};

const FAULTS: readonly Fault[] = [killSession, killProcess, killServer, renameSession, tamper, cutApply, cutApply];

/** One to three blows, by chance; what they did, in order. */
export async function injectFaults(fixture: ChaosFixture, chance: Chance): Promise<string> {
  const done: string[] = [];
  for (let left = 1 + chance.number(3); left > 0; left--) done.push(await chance.pick(FAULTS)(fixture, chance));
  return done.join(", then ");
}
