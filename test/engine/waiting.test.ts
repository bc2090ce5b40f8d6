// A session is not started from a file in dispute: what waits for a blocked or failed need, and what does not.
import { describe, expect, it } from "vitest";
import { apply } from "../../src/engine/apply.ts";
import { type ClassifyInput, classify } from "../../src/engine/classify.ts";
import { makePlan } from "../../src/engine/plan.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { Desired, Observed } from "../../src/model/resource.ts";
import type { Settled } from "../../src/model/settled.ts";
import type { Writer } from "../../src/model/world.ts";
import { desiredAt, kindInMemory, observedAt, recordedAt, recordsOf } from "../support/engine-builders.ts";
import { fleetOf } from "../support/fleet.ts";

const FILE = "config/ferry/.claude/CLAUDE.md";
const OTHER = "config/ferry/.claude/settings.json";
const SESSION = "session/ferry/main";

type Resource = Pick<ClassifyInput, "address" | "want" | "have" | "record">;

const conflict = (address = FILE): Resource => ({
  address,
  want: desiredAt(address, { "": "spec" }),
  have: observedAt(address, { "": "edited" }),
  record: recordedAt({ "": "old" }),
});

const session = (have: Observed | undefined, more: Partial<Desired> = {}): Resource => ({
  address: SESSION,
  want: desiredAt(SESSION, { "": "new" }, { needs: [FILE, OTHER], waits: true, ...more }),
  have,
  record: recordedAt({ "": "old" }),
});

const running = (activity: "idle" | "busy") =>
  observedAt(SESSION, { "": "old" }, { live: { activity, attached: false, loses: [] } });

interface Wishes {
  readonly overwrite?: boolean;
  readonly force?: boolean;
  readonly reported?: boolean;
}

function planned(resources: readonly Resource[], { overwrite = false, force = false, reported = false }: Wishes = {}) {
  const base = fleetOf(["ferry"]);
  const policy = { ...base.policy, enforce: reported ? { config: "report" as const } : {} };
  const records = Object.fromEntries(resources.flatMap(({ address, record }) => (record ? [[address, record]] : [])));
  return makePlan({
    fleet: { ...base, policy },
    judged: resources.map((one) => {
      const [kind = "", agent = ""] = one.address.split("/");
      return classify({ ...one, kind, agent, unfinished: undefined });
    }),
    kinds: ["config", "session"].map((name) => ({ ...kindInMemory(name, new Map(), []), live: name === "session" })),
    records: recordsOf(records),
    allowed: { prune: false, overwrite, force, allowDelete: undefined },
    moved: [],
    unmanaged: [],
    warnings: [],
    now: "2026-01-01T00:00:00.000Z",
    wholeBasis: false,
  }).plan;
}

describe("while a file is blocked, its session", () => {
  it.each([
    ["that is not there is not created", undefined],
    ["that is idle is not replaced", running("idle")],
    ["that is busy waits for the file, not for its turn", running("busy")],
    ["that has ended is not started again", observedAt(SESSION, { "": "old" })],
  ])("%s", (_what, have) => {
    const plan = planned([session(have), conflict()]);
    expect(plan.blocked.map((one) => one.address)).toEqual([FILE]);
    expect(plan.actions).toEqual([]);
    expect(plan.deferred).toMatchObject([{ address: SESSION, reason: `waits for ${FILE}` }]);
  });

  it("waits for a single key of it as well, and names each file once", () => {
    const keys = {
      ...conflict(OTHER),
      want: desiredAt(OTHER, { "/a": "1", "/b": "1", "/c": "1" }),
      have: observedAt(OTHER, { "/a": "2", "/b": "2", "/c": "1" }),
      record: recordedAt({ "/a": "0", "/b": "0", "/c": "1" }),
    };
    const plan = planned([keys, conflict(), session(undefined)]);
    expect(plan.blocked).toHaveLength(3);
    expect(plan.deferred.map((one) => one.reason)).toEqual([`waits for ${FILE}, ${OTHER}`]);
  });

  it("waits with --force too: the file is what is in the way, not the turn", () => {
    expect(planned([session(running("idle")), conflict()], { force: true }).deferred).toHaveLength(1);
  });

  it("with on_change never stays as it is and does not count", () => {
    expect(planned([session(running("idle"), { onChange: "never" }), conflict()]).deferred).toEqual([]);
  });

  it("goes on when the file may be overwritten", () => {
    const plan = planned([session(running("idle")), conflict()], { overwrite: true });
    expect(plan.actions.map((one) => one.address)).toEqual([FILE, SESSION]);
  });
});

it("a file does not wait for another file: enforcement is healed whatever else is in dispute", () => {
  const settings = {
    ...conflict(OTHER),
    want: desiredAt(OTHER, { "": "spec" }, { needs: [FILE] }),
    record: recordedAt({ "": "edited" }),
  };
  const plan = planned([conflict(), settings]);
  expect(plan.actions.map((one) => one.address)).toEqual([OTHER]);
});

describe("while a difference of a file is only reported, its session", () => {
  it("is started when it is not there: the policy takes the file as it is", () => {
    expect(planned([conflict(), session(undefined)], { reported: true, overwrite: true }).actions).toHaveLength(1);
  });

  it("is not ended to be started from the same file again", () => {
    const plan = planned([conflict(), session(running("idle"))], { reported: true, overwrite: true });
    expect(plan.actions).toEqual([]);
    expect(plan.deferred.map((one) => [one.address, one.reason.includes("waits for")])).toEqual([
      [FILE, false],
      [SESSION, true],
    ]);
  });
});

describe("in a run", () => {
  const outcome = async (settled: Settled) => {
    const kind = (name: string): Kind => ({
      ...kindInMemory(name, new Map(), []),
      put: async (jobs, _fleet, _world, settle) => {
        for (const { want } of jobs)
          settle(want.address === FILE ? settled : { address: want.address, result: "done", parts: {} });
      },
    });
    const step = (want: Desired) => ({
      action: {
        address: want.address,
        kind: want.kind,
        agent: want.agent,
        action: "update" as const,
        verdict: "pending" as const,
        reason: "",
        impact: "none" as const,
        loses: [],
        changes: [],
      },
      want,
      write: [""],
      drop: [],
    });
    const steps = [
      step(desiredAt(FILE, { "": "spec" })),
      step(desiredAt(SESSION, { "": "new" }, { needs: [FILE], waits: true })),
    ];
    const { outcomes } = await apply({
      steps,
      fleet: fleetOf(["ferry"]),
      kinds: [kind("config"), kind("session")],
      world: {} as Writer,
      keepGoing: false,
      stopping: () => false,
      emit: () => {},
    });
    return outcomes.find((one) => one.address === SESSION);
  };

  it.each<[string, Settled]>([
    ["could not be written", { address: FILE, result: "failed", error: { code: "E501", message: "no space left" } }],
    ["was changed meanwhile", { address: FILE, result: "blocked", reason: "it moved", hint: "plan again" }],
  ])("a session whose file %s is deferred", async (_what, settled) => {
    expect(await outcome(settled)).toMatchObject({ result: "deferred", error: { message: `waits for ${FILE}` } });
  });
});
