// A workbench for the verbs of the kind `hook`: a project without its hooks, real doors, and what was started counted.
import fs from "node:fs";
import { createReader, createWriter, type HostWriter } from "../../src/host/world.ts";
import { observe } from "../../src/kinds/hook/observe.ts";
import { put } from "../../src/kinds/hook/put.ts";
import type { HookProps, HookSeen } from "../../src/kinds/hook/types.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import type { PutJob } from "../../src/model/kind.ts";
import type { Desired, Observed, Recorded } from "../../src/model/resource.ts";
import type { Settled } from "../../src/model/settled.ts";
import type { Reader } from "../../src/model/world.ts";
import { type HookFixture, openHookFixture } from "./hook-fixture.ts";

export interface HookVerbsFixture {
  readonly project: HookFixture;
  readonly world: HostWriter;
  /** Commands that were started, in order. */
  readonly started: string[][];
  reader(): Reader;
  writer(): HostWriter;
  want(agent: string): Desired<HookProps>;
  observe(agent: string, fleet?: Fleet): Observed<HookSeen>;
  job(agent: string): PutJob<HookProps, HookSeen>;
  place(agents: readonly string[], fleet?: Fleet): Promise<Settled[]>;
  /** Where the hook of the backend agent lies, or shall lie. */
  readonly hook: string;
}

export function openHookVerbs(project: HookFixture = openHookFixture()): HookVerbsFixture {
  for (const agent of project.fleet.agents) fs.rmSync(project.hookOf(agent.name));
  const roots = [project.fleet.machine.folders.agents];
  const state = project.fleet.machine.folders.state;
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };
  const started: string[][] = [];
  const writer = (): HostWriter => {
    const made = createWriter({ roots, state, env, run: "run-1", note: () => {}, kill: () => {} });
    const run: typeof made.exec.run = (command, options) => {
      started.push([...command]);
      return made.exec.run(command, options);
    };
    return { ...made, exec: { ...made.exec, run } };
  };
  const reader = (): Reader => createReader({ roots, env });
  const world = writer();
  const want = (agent: string): Desired<HookProps> => {
    const found = project.hooks.get(agent);
    if (found === undefined) throw new Error(`no hook of ${agent}`);
    return found;
  };
  const observeAgent = (agent: string, fleet: Fleet = project.fleet): Observed<HookSeen> => {
    const query = { address: `hook/${agent}/auto-deny`, agent, want: want(agent) };
    const [seen] = observe([query], fleet, reader()).observed;
    if (seen === undefined) throw new Error("nothing observed");
    return seen;
  };
  const job = (agent: string): PutJob<HookProps, HookSeen> => ({
    want: want(agent),
    have: observeAgent(agent),
    record: undefined,
    write: ["", "mode"],
    drop: [],
  });
  const place = async (agents: readonly string[], fleet: Fleet = project.fleet): Promise<Settled[]> => {
    const settled: Settled[] = [];
    await put(agents.map(job), fleet, world, (one) => settled.push(one));
    return settled;
  };
  return {
    project,
    world,
    started,
    reader,
    writer,
    want,
    observe: observeAgent,
    job,
    place,
    hook: project.hookOf("backend-agent"),
  };
}

/** What would be recorded of a hook that was put. */
export function recordOf(settled: Settled | undefined): Recorded {
  if (settled?.result !== "done") throw new Error(`not done: ${JSON.stringify(settled)}`);
  const { parts, facts } = settled;
  return { parts, portable: true, at: "backend-agent/.claude/hooks/auto-deny", ...(facts ? { facts } : {}) };
}
