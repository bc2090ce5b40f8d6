// What lies on the disk mutated at random: settings, saved plans, the lock file, ledger, journals, run documents and the
// run lock. Each is healed, refused by name, or taken for what it is; never for an empty one, and never stumbled over.
import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson, digestBytes } from "../../src/delta/digest.ts";
import { createRecordFolder } from "../../src/host/records.ts";
import { beginJournal, type Intent, journalName } from "../../src/ledger/journal.ts";
import type { Json } from "../../src/model/json.ts";
import { fleetFiles } from "../scenario/fleets.ts";
import { type Lab, type Outcome, openLab } from "./lab.ts";
import { anyJson, attack, jsonMutation, mutation } from "./mutations.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const LOCAL = "agents/backend-agent/.claude/settings.local.json";
const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const LEDGER = "state/ledger.json";
const LOCK_FILE = "agents/rollcall.lock.json";
const PLAN = ["plan", "--files-only", "-o", "json"];
const APPLY = ["apply", "-y", "--files-only", "-o", "json"];

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ files: fleetFiles() });
});
afterAll(() => lab.close());

const bytesOf = (path: string): Buffer => readFileSync(lab.project.path(path));
const jsonOf = (path: string): Json => JSON.parse(lab.project.read(path)) as Json;
const text = (document: Json): string => JSON.stringify(document, null, 2);

interface Action {
  readonly address: string;
  readonly action: string;
  readonly verdict: string;
}
const actionsOf = ({ document }: Outcome): Action[] => (document?.["actions"] ?? []) as Action[];

describe("settings on disk", () => {
  /** Whatever it is, it is told, healed or blocked with a reason, and then the world is at rest. */
  async function heals(path: string, bytes: Buffer | string): Promise<void> {
    lab.spoil(path, bytes);
    const planned = await lab.ask(PLAN);
    expect(planned.code, planned.stdout).toBe(0);
    const applied = await lab.ask(APPLY);
    expect([0, 3], applied.stdout + applied.stderr).toContain(applied.code);
    const after = await lab.ask([...PLAN, "--detailed-exitcode"]);
    expect(after.code, after.stdout).toBe(applied.code);
    expect(actionsOf(after)).toEqual([]);
    lab.mend();
  }

  test.each([SETTINGS, LOCAL])("%s, its bytes", async (path) => {
    await attack(fc.asyncProperty(mutation, (one) => heals(path, one.of(bytesOf(path)))));
  });

  test.each([SETTINGS, LOCAL])("%s, its values", async (path) => {
    const documents = fc.oneof(
      fc
        .array(jsonMutation, { minLength: 1, maxLength: 3 })
        .map((list) => (whole: Json) => list.reduce((now, one) => one.of(now), whole)),
      anyJson.map((value) => () => value),
    );
    await attack(fc.asyncProperty(documents, (change) => heals(path, text(change(jsonOf(path))))));
  });
});

describe("a saved plan", () => {
  /** A plan of one tampered page and one page that is gone; what a mutation of it leads to is applied. */
  async function savedPlan(): Promise<void> {
    lab.spoil(MEMORY, "# Somebody else\n");
    lab.project.remove("agents/planning-agent/.claude/settings.json");
    const saved = await lab.ask(["plan", "--files-only", "--out", "saved.json"]);
    expect(saved.code).toBe(0);
  }

  const apply = (): Promise<Outcome> => lab.ask(["apply", "-y", "-o", "json", "saved.json"]);

  test("its bytes: refused with 3, unless it still says the same", async () => {
    await attack(
      fc.asyncProperty(mutation, async (one) => {
        await savedPlan();
        const before = jsonOf("saved.json");
        const bytes = one.of(bytesOf("saved.json"));
        lab.spoil("saved.json", bytes);
        const applied = await apply();
        expect(applied.code, applied.stdout).toBe(saysTheSame(bytes, before) ? 0 : 3);
        await lab.ask(["show", "saved.json", "-o", "json"]);
        lab.mend();
      }),
      0.5,
    );
  });

  test("its values, signed anew or not: refused with 3, or nothing is done but what was reviewed", async () => {
    const changes = fc.tuple(fc.array(jsonMutation, { minLength: 1, maxLength: 3 }), fc.boolean());
    await attack(
      fc.asyncProperty(changes, async ([list, signs]) => {
        await savedPlan();
        const changed = list.reduce((now, one) => one.of(now), jsonOf("saved.json"));
        lab.spoil("saved.json", text(signs ? signedAnew(changed) : changed));
        const applied = await apply();
        expect([0, 3], applied.stdout).toContain(applied.code);
        if (applied.code === 0) {
          const outcomes = (applied.document?.["outcomes"] ?? []) as { address: string; action: string }[];
          expect(outcomes.map(({ address, action }) => `${action} ${address}`).sort()).toEqual([
            "create config/planning-agent/.claude/settings.json",
            "update config/backend-agent/.claude/CLAUDE.md",
          ]);
        }
        lab.mend();
      }),
    );
  });
});

function saysTheSame(bytes: Buffer, before: Json): boolean {
  try {
    return canonicalJson(JSON.parse(bytes.toString("utf8")) as Json) === canonicalJson(before);
  } catch {
    return false;
  }
}

/** Whoever can write the file can also compute its digest: that must not be what protects. */
function signedAnew(document: Json): Json {
  const plain = JSON.parse(JSON.stringify(document, (key, value) => (key === "integrity" ? undefined : value))) as Json;
  const integrity = digestBytes(canonicalJson(plain));
  return JSON.parse(JSON.stringify(document, (key, value) => (key === "integrity" ? integrity : value))) as Json;
}

describe("records", () => {
  /** The world is as desired: whatever becomes of the record, there is nothing to create, update or delete. */
  async function neverTakenForEmpty(path: string, bytes: Buffer | string): Promise<void> {
    lab.spoil(path, bytes);
    const planned = await lab.ask(PLAN);
    expect([0, 1]).toContain(planned.code);
    expect(actionsOf(planned).filter(({ action }) => action !== "forget")).toEqual([]);
    await lab.ask(APPLY);
    await lab.ask(["status", "--files-only", "-o", "json"]);
    lab.mend();
  }

  test.each([LEDGER, LOCK_FILE])("%s, its bytes", async (path) => {
    await attack(fc.asyncProperty(mutation, (one) => neverTakenForEmpty(path, one.of(bytesOf(path)))));
  });

  test.each([LEDGER, LOCK_FILE])("%s, its values", async (path) => {
    await attack(fc.asyncProperty(jsonMutation, (one) => neverTakenForEmpty(path, text(one.of(jsonOf(path))))));
  });
});

describe("what runs leave behind", () => {
  const firstRun = (): { readonly path: string; readonly id: string } => {
    const [name = ""] = readdirSync(lab.project.path("state/runs"));
    return { path: `state/runs/${name}`, id: name.replace(".json", "") };
  };

  /** History, show and undo of the first run, whose document is not what it was. */
  async function askForRun(bytes: Buffer | string): Promise<void> {
    const { path, id } = firstRun();
    lab.spoil(path, bytes);
    await lab.ask(["history", "-o", "json"]);
    await lab.ask(["show", id, "-o", "json"]);
    await lab.ask(["undo", id, "-y", "-o", "json"]);
    lab.mend();
  }

  test("a run's document, its bytes", async () => {
    await attack(
      fc.asyncProperty(mutation, (one) => askForRun(one.of(bytesOf(firstRun().path)))),
      0.5,
    );
  });

  test("a run's document, its values", async () => {
    await attack(fc.asyncProperty(jsonMutation, (one) => askForRun(text(one.of(jsonOf(firstRun().path))))));
  });

  test("the journal of a killed run: gone on from, or refused", async () => {
    const { intents } = jsonOf(firstRun().path) as unknown as { readonly intents: readonly Intent[] };
    const state = createRecordFolder({ path: lab.project.path("state"), ownersAlone: true });
    const head = { run: "0002-dead", command: "apply", started: "2026-01-01T00:00:00.000Z" };
    const path = `state/${journalName(head.run)}`;
    await attack(
      fc.asyncProperty(mutation, async (one) => {
        beginJournal(state, head, intents);
        lab.spoil(MEMORY, "# As the killed run found it\n");
        lab.spoil(path, one.of(bytesOf(path)));
        const planned = await lab.ask(PLAN);
        expect([0, 1]).toContain(planned.code);
        const applied = await lab.ask(APPLY);
        expect([0, 1], applied.stdout).toContain(applied.code);
        if (applied.code === 0) expect((await lab.ask([...PLAN, "--detailed-exitcode"])).code).toBe(0);
        lab.mend();
      }),
    );
  });

  test("the run lock: taken over from the dead, respected, or refused", async () => {
    const holder = {
      pid: 4_194_303,
      startTick: "1",
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    };
    const lock = { ...holder, host: hostname(), command: "rollcall apply", since: "2026-01-01T00:00:00.000Z" };
    const bytes = Buffer.from(`${JSON.stringify(lock)}\n`);
    await attack(
      fc.asyncProperty(mutation, async (one) => {
        lab.spoil(MEMORY, "# Somebody else\n");
        lab.spoil("state/lock", one.of(bytes));
        const applied = await lab.ask(APPLY);
        expect([0, 1, 4], applied.stdout).toContain(applied.code);
        lab.mend();
      }),
    );
  });
});
