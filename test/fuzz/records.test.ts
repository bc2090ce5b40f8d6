// Records mutated at random: lock file, ledger, run documents, journals, the run lock. Read as what they are or refused by
// name; never taken for empty ones, and never stumbled over.
import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRecordFolder } from "../../src/host/fs/durable-folder.ts";
import { beginJournal, type Intent, journalName } from "../../src/ledger/journal.ts";
import type { Json } from "../../src/model/json.ts";
import { fleetFiles } from "../support/fleets.ts";
import { type FuzzFixture, openFuzzFixture } from "../support/fuzz-fixture.ts";
import { attack, jsonMutation, mutation } from "../support/fuzz-mutations.ts";

const MEMORY = "agents/backend-agent/.claude/CLAUDE.md";
const PLAN = ["plan", "--files-only", "-o", "json"];
const APPLY = ["apply", "-y", "--files-only", "-o", "json"];

let fixture: FuzzFixture;
beforeAll(async () => {
  fixture = await openFuzzFixture({ files: fleetFiles() });
});
afterAll(() => fixture.close());

const bytesOf = (path: string): Buffer => readFileSync(fixture.project.path(path));
const jsonOf = (path: string): Json => JSON.parse(fixture.project.read(path)) as Json;
const text = (document: Json): string => JSON.stringify(document, null, 2);

describe.each(["state/ledger.json", "agents/rollcall.lock.json"])("%s", (path) => {
  /** The world is as desired: whatever becomes of the record, there is nothing to create, update or delete. */
  async function neverTakenForEmpty(bytes: Buffer | string): Promise<void> {
    fixture.spoil(path, bytes);
    const planned = await fixture.ask(PLAN);
    expect([0, 1]).toContain(planned.code);
    const actions = (planned.document?.["actions"] ?? []) as { readonly action: string }[];
    expect(actions.filter(({ action }) => action !== "forget")).toEqual([]);
    await fixture.ask(APPLY);
    await fixture.ask(["status", "--files-only", "-o", "json"]);
  }

  test("its bytes", async () => {
    const bytes = bytesOf(path);
    await attack({ values: mutation, check: (one) => neverTakenForEmpty(one.of(bytes)), mend: fixture.mend });
  });

  test("its values", async () => {
    const document = jsonOf(path);
    const check = (one: { of(json: Json): Json }): Promise<void> => neverTakenForEmpty(text(one.of(document)));
    await attack({ values: jsonMutation, check, mend: fixture.mend });
  });
});

describe("the document of a run", () => {
  const firstRun = (): { readonly path: string; readonly id: string } => {
    const [name = ""] = readdirSync(fixture.project.path("state/runs"));
    return { path: `state/runs/${name}`, id: name.replace(".json", "") };
  };

  /** History, show and undo of the first run, whose document is not what it was. */
  async function askForRun(bytes: Buffer | string): Promise<void> {
    const { path, id } = firstRun();
    fixture.spoil(path, bytes);
    await fixture.ask(["history", "-o", "json"]);
    await fixture.ask(["show", id, "-o", "json"]);
    await fixture.ask(["undo", id, "-y", "-o", "json"]);
  }

  test("its bytes", async () => {
    const bytes = bytesOf(firstRun().path);
    await attack({ values: mutation, check: (one) => askForRun(one.of(bytes)), mend: fixture.mend });
  });

  test("its values", async () => {
    const document = jsonOf(firstRun().path);
    await attack({ values: jsonMutation, check: (one) => askForRun(text(one.of(document))), mend: fixture.mend });
  });
});

test("the journal of a killed run: gone on from, or refused", async () => {
  const [name = ""] = readdirSync(fixture.project.path("state/runs"));
  const { intents } = jsonOf(`state/runs/${name}`) as unknown as { readonly intents: readonly Intent[] };
  const head = { run: "0002-dead", command: "apply", started: "2026-01-01T00:00:00.000Z" };
  const path = `state/${journalName(head.run)}`;
  beginJournal(createRecordFolder({ path: fixture.project.path("state"), ownersAlone: true }), head, intents);
  const bytes = bytesOf(path);
  fixture.mend();
  await attack({
    values: mutation,
    check: async (one) => {
      fixture.spoil(MEMORY, "# As the killed run found it\n");
      fixture.spoil(path, one.of(bytes));
      const planned = await fixture.ask(PLAN);
      expect([0, 1]).toContain(planned.code);
      const applied = await fixture.ask(APPLY);
      expect(applied.code, applied.stdout).toBe(planned.code);
      if (applied.code === 0) expect((await fixture.ask([...PLAN, "--detailed-exitcode"])).code).toBe(0);
    },
    mend: fixture.mend,
  });
});

test("the run lock: taken over from the dead, respected, or refused", async () => {
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const holder = { pid: 4_194_303, startTick: "1", bootId, host: hostname(), command: "rollcall apply" };
  const bytes = Buffer.from(`${JSON.stringify({ ...holder, since: "2026-01-01T00:00:00.000Z" })}\n`);
  await attack({
    values: mutation,
    check: async (one) => {
      fixture.spoil(MEMORY, "# Somebody else\n");
      fixture.spoil("state/lock", one.of(bytes));
      const applied = await fixture.ask(APPLY);
      expect([0, 1, 4], applied.stdout).toContain(applied.code);
    },
    mend: fixture.mend,
  });
});
