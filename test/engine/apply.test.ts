// The executor: order, failures that stop only what depends on them, the brake, interruption.
import { describe, expect, it } from "vitest";
import { apply } from "../../src/engine/apply.ts";
import { HostError } from "../../src/model/errors.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { ActionName, Step } from "../../src/model/plan.ts";
import type { Writer } from "../../src/model/world.ts";
import { desiredAt, kindInMemory } from "../support/engine-builders.ts";
import { fleetOf } from "../support/fleet.ts";

const world = {} as Writer;

function step(address: string, needs: readonly string[] = [], action: ActionName = "create"): Step {
  const [kind = "", agent = ""] = address.split("/");
  return {
    action: { address, kind, agent, action, verdict: "vanished", reason: "", impact: "none", loses: [], changes: [] },
    want: desiredAt(address, { "": "content" }, { needs }),
    write: [""],
    drop: [],
  };
}

/** A kind that notes what it is asked for and fails where told to. */
function notingKind(name: string, log: string[], failing: ReadonlySet<string> = new Set()): Kind {
  return {
    ...kindInMemory(name, new Map(), []),
    put: async (jobs, _fleet, _world, settle) => {
      for (const { want } of jobs) {
        log.push(want.address);
        if (failing.has(want.address))
          settle({ address: want.address, result: "failed", error: { code: "E500", message: "no space left" } });
        else settle({ address: want.address, result: "done", parts: { "": "d" } });
      }
    },
  };
}

async function applied(
  steps: readonly Step[],
  options: { failing?: readonly string[]; keepGoing?: boolean; stopAfter?: number; kinds?: readonly Kind[] } = {},
) {
  const log: string[] = [];
  const failing = new Set(options.failing ?? []);
  const kinds = options.kinds ?? ["hook", "config", "session"].map((name) => notingKind(name, log, failing));
  const told: Outcome[] = [];
  const result = await apply({
    steps,
    fleet: fleetOf(["gull", "tern"]),
    kinds,
    world,
    keepGoing: options.keepGoing ?? false,
    stopping: () => told.length >= (options.stopAfter ?? Number.POSITIVE_INFINITY),
    emit: (event) => {
      if (event.event !== "step") return;
      const { event: _, run: __, n: ___, of: ____, ...outcome } = event;
      told.push(outcome);
    },
  });
  return { ...result, log, told };
}

const hook = (agent: string) => step(`hook/${agent}/auto-deny`);
const settings = (agent: string) => step(`config/${agent}/.claude/settings.json`, [`hook/${agent}/auto-deny`]);
const session = (agent: string) => step(`session/${agent}/main`, [`config/${agent}/.claude/settings.json`]);

describe("apply", () => {
  it("writes the hook before the settings that name it, and starts the session last", async () => {
    const { log } = await applied([session("gull"), settings("gull"), hook("gull")]);
    expect(log).toEqual(["hook/gull/auto-deny", "config/gull/.claude/settings.json", "session/gull/main"]);
  });

  it("stops only what depends on a failure: the other agent is served", async () => {
    const steps = ["gull", "tern"].flatMap((agent) => [hook(agent), settings(agent), session(agent)]);
    const { outcomes, repairs } = await applied(steps, { failing: ["hook/gull/auto-deny"] });
    const results = Object.fromEntries(outcomes.map((one) => [one.address, one.result]));
    expect(results).toEqual({
      "hook/gull/auto-deny": "failed",
      "config/gull/.claude/settings.json": "skipped",
      "session/gull/main": "skipped",
      "hook/tern/auto-deny": "done",
      "config/tern/.claude/settings.json": "done",
      "session/tern/main": "done",
    });
    expect(repairs.map((one) => one.address)).toEqual([
      "hook/tern/auto-deny",
      "config/tern/.claude/settings.json",
      "session/tern/main",
    ]);
  });

  it("brakes after five failures unless told to keep going", async () => {
    const hooks = Array.from({ length: 6 }, (_, index) => step(`hook/ship-${index}/auto-deny`));
    const failing = hooks.map((one) => one.action.address);
    const more = [step("config/other/.claude/CLAUDE.md")];
    // The file of another agent needs nothing, yet it lies in a later wave through one of its own needs.
    const later = [step("hook/other/auto-deny"), step("config/other/.claude/settings.json", ["hook/other/auto-deny"])];
    const braked = await applied([...hooks, ...later, ...more], { failing });
    expect(braked.outcomes.find((one) => one.address.endsWith("other/.claude/settings.json"))).toMatchObject({
      result: "skipped",
      error: { code: "E324" },
    });
    const going = await applied([...hooks, ...later, ...more], { failing, keepGoing: true });
    expect(going.outcomes.find((one) => one.address.endsWith("other/.claude/settings.json"))?.result).toBe("done");
  });

  it("after an interruption finishes what runs and skips the rest", async () => {
    const { outcomes } = await applied([hook("gull"), settings("gull"), session("gull")], { stopAfter: 1 });
    expect(outcomes.map((one) => one.result)).toEqual(["done", "skipped", "skipped"]);
    expect(outcomes[1]?.error?.code).toBe("E322");
  });

  it("turns a thrown error of the host into the failure of what was open, and records what was done before", async () => {
    const first: Kind = {
      ...kindInMemory("hook", new Map(), []),
      put: async (jobs, _fleet, _world, settle) => {
        const [one] = jobs;
        if (one) settle({ address: one.want.address, result: "done", parts: { "": "d" } });
        throw new HostError("E501", "cannot write agents/tern: ENOSPC", { errno: "ENOSPC" });
      },
    };
    const { outcomes, repairs } = await applied([hook("gull"), hook("tern")], { kinds: [first] });
    expect(outcomes.map((one) => one.result)).toEqual(["done", "failed"]);
    expect(outcomes[1]?.error?.message).toContain("ENOSPC");
    expect(repairs.map((one) => one.address)).toEqual(["hook/gull/auto-deny"]);
  });

  it("says so when a kind never tells what became of a resource", async () => {
    const silent: Kind = { ...kindInMemory("hook", new Map(), []), put: async () => {} };
    const { outcomes } = await applied([hook("gull")], { kinds: [silent] });
    expect(outcomes[0]).toMatchObject({ result: "failed", error: { code: "E303" } });
  });

  it("lets mistakes of ours pass as what they are", async () => {
    const broken: Kind = {
      ...kindInMemory("hook", new Map(), []),
      put: async () => {
        throw new TypeError("a bug");
      },
    };
    await expect(applied([hook("gull")], { kinds: [broken] })).rejects.toThrow("a bug");
  });
});
