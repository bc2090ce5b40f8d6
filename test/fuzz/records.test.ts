// Records mutated at random: lock file, ledger, run documents, journals, the run lock. Read as what they are or refused by
// name; never taken for empty ones, and never stumbled over.
import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { beginJournal, type Intent, journalName } from "../../src/ledger/journal.ts";
import type { Json } from "../../src/model/json.ts";
import { fleetFiles } from "../support/fleets.ts";
import { type Lab, openLab } from "../support/fuzz-fixture.ts";
import { attack, jsonMutation, mutation } from "../support/fuzz-mutations.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
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

describe.each(["state/ledger.json", "agents/rollcall.lock.json"])("%s", (path) => {
  /** The world is as desired: whatever becomes of the record, there is nothing to create, update or delete. */
  async function neverTakenForEmpty(bytes: Buffer | string): Promise<void> {
    lab.spoil(path, bytes);
    const planned = await lab.ask(PLAN);
    expect([0, 1]).toContain(planned.code);
    const actions = (planned.document?.["actions"] ?? []) as { readonly action: string }[];
    expect(actions.filter(({ action }) => action !== "forget")).toEqual([]);
    await lab.ask(APPLY);
    await lab.ask(["status", "--files-only", "-o", "json"]);
  }

  test("its bytes", async () => {
    const bytes = bytesOf(path);
    await attack({ values: mutation, check: (one) => neverTakenForEmpty(one.of(bytes)), mend: lab.mend });
  });

  test("its values", async () => {
    const document = jsonOf(path);
    const check = (one: { of(json: Json): Json }): Promise<void> => neverTakenForEmpty(text(one.of(document)));
    await attack({ values: jsonMutation, check, mend: lab.mend });
  });
});

describe("the document of a run", () => {
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
  }

  test("its bytes", async () => {
    const bytes = bytesOf(firstRun().path);
    await attack({ values: mutation, check: (one) => askForRun(one.of(bytes)), mend: lab.mend });
  });

  test("its values", async () => {
    const document = jsonOf(firstRun().path);
    await attack({ values: jsonMutation, check: (one) => askForRun(text(one.of(document))), mend: lab.mend });
  });
});

test("the journal of a killed run: gone on from, or refused", async () => {
  const [name = ""] = readdirSync(lab.project.path("state/runs"));
  const { intents } = jsonOf(`state/runs/${name}`) as unknown as { readonly intents: readonly Intent[] };
  const head = { run: "0002-dead", command: "apply", started: "2026-01-01T00:00:00.000Z" };
  const path = `state/${journalName(head.run)}`;
  beginJournal(createRecordFolder({ path: lab.project.path("state"), ownersAlone: true }), head, intents);
  const bytes = bytesOf(path);
  lab.mend();
  await attack({
    values: mutation,
    check: async (one) => {
      lab.spoil(MEMORY, "# As the killed run found it\n");
      lab.spoil(path, one.of(bytes));
      const planned = await lab.ask(PLAN);
      expect([0, 1]).toContain(planned.code);
      const applied = await lab.ask(APPLY);
      expect(applied.code, applied.stdout).toBe(planned.code);
      if (applied.code === 0) expect((await lab.ask([...PLAN, "--detailed-exitcode"])).code).toBe(0);
    },
    mend: lab.mend,
  });
});

test("the run lock: taken over from the dead, respected, or refused", async () => {
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const holder = { pid: 4_194_303, startTick: "1", bootId, host: hostname(), command: "rollcall apply" };
  const bytes = Buffer.from(`${JSON.stringify({ ...holder, since: "2026-01-01T00:00:00.000Z" })}\n`);
  await attack({
    values: mutation,
    check: async (one) => {
      lab.spoil(MEMORY, "# Somebody else\n");
      lab.spoil("state/lock", one.of(bytes));
      const applied = await lab.ask(APPLY);
      expect([0, 1, 4], applied.stdout).toContain(applied.code);
    },
    mend: lab.mend,
  });
});
