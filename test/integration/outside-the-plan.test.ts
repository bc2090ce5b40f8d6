// An apply touches no session outside its plan: after random blows the ones it did not name are the same processes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { applied, changesOf, planned, QUIET, sessionsOn, until } from "../support/tmux-fixture.ts";

const NAMES = ["anchor", "anchor-2", "beacon", "cargo"] as const;
/** Names that a careless target would hit. */
const STRANGERS = ["iw-anchor-22", "iw-beac", "cargo"] as const;
/** Rounds: a few in CI, as many as ROLLCALL_WORLDS says. */
const ROUNDS = Number(process.env["ROLLCALL_WORLDS"] ?? "6");

const agents = (models: readonly string[]) =>
  NAMES.map((name, at) => ({
    name,
    model: models[at] ?? "opus",
    more: [`session: { command: ${JSON.stringify(QUIET)} }`],
  }));

const fault = fc.record({
  agent: fc.constantFrom(...NAMES),
  does: fc.constantFrom("kill-session", "kill-process", "rename", "file", "hook", "model", "hold"),
});

async function injectFault(
  project: Project,
  { agent, does }: { readonly agent: (typeof NAMES)[number]; readonly does: string },
  models: string[],
): Promise<void> {
  const live = sessionsOn(project.socket)[`iw-${agent}`];
  switch (does) {
    case "kill-session":
      if (live) project.tmux(["kill-session", "-t", live.id]);
      return;
    case "kill-process":
      if (!live || live.dead) return;
      process.kill(live.pid, "SIGKILL");
      await until("tmux has heard of it", () => sessionsOn(project.socket)[`iw-${agent}`]?.dead !== false);
      return;
    case "rename":
      if (live) project.tmux(["rename-session", "-t", live.id, `away-${agent}`]);
      return;
    case "file":
      project.write(`agents/${agent}/.claude/CLAUDE.md`, "# Mine\n");
      return;
    case "hook":
      project.remove(`agents/${agent}/.claude/hooks`);
      return;
    case "model": {
      const at = NAMES.indexOf(agent);
      models[at] = models[at] === "opus" ? "haiku" : "opus";
      project.write("desired/registry.yaml", registryText(agents(models)));
      return;
    }
    default:
      await project.run(["hold", agent]);
  }
}

test(`${ROUNDS} rounds: only the sessions that the plan names are touched`, {
  timeout: 60_000 + ROUNDS * 15_000,
}, async () => {
  const project = openProject({ files: fleetFiles({ agents: agents([]) }) });
  await applied(project);
  for (const name of STRANGERS) project.tmux(["new-session", "-d", "-s", name, ...QUIET]);
  const models = NAMES.map(() => "opus");
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 4 }), async (faults) => {
      for (const one of faults) await injectFault(project, one, models);
      const before = sessionsOn(project.socket);
      const { plan } = await planned(project, ["--overwrite", "--force"]);
      const run = await applied(project, { words: ["--overwrite", "--force"] });
      const named = new Set(plan.actions.flatMap(({ kind, agent }) => (kind === "session" ? [agent] : [])));
      expect(changesOf(run).length).toBe(plan.actions.length);
      const after = sessionsOn(project.socket);
      const untouched = Object.keys(before).filter(
        (name) => ![...named].some((agent) => name === `iw-${agent}` || name === `away-${agent}`),
      );
      for (const name of untouched) expect({ name, ...after[name] }).toEqual({ name, ...before[name] });
      expect(untouched).toEqual(expect.arrayContaining([...STRANGERS]));
      for (const agent of NAMES) await project.run(["release", agent]);
      await applied(project, { words: ["--overwrite", "--force"] });
    }),
    { numRuns: ROUNDS, endOnFailure: true },
  );
});
