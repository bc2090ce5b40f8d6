// Folders that leave: archived with their index entry, deleted, left alone; and what happens when a run is cut short.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { snapshot } from "../../support/project-fixture.ts";
import { elsewhere, INDEX, imagesOf, OLD_PLANNING, Yard } from "../../support/retired-fixture.ts";

describe("an old folder that is listed for the archive", () => {
  test("is planned as one archive action, without adopt, and the plan writes nothing", async () => {
    const yard = new Yard({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    const before = snapshot(yard.root);
    const { plan } = await yard.plan();
    expect(plan.actions).toMatchObject([
      {
        address: "retired/-/planning",
        agent: "-",
        action: "archive",
        verdict: "pending",
        impact: "none",
        changes: [{ path: "folder", before: "agents/planning", after: "agents/archive/v1-legacy/planning" }],
      },
    ]);
    expect(plan.actions[0]?.reason).toContain("replaced by planning-agent");
    expect(plan.summary).toMatchObject({ archive: 1, pending: 1, drift: 0, blocked: 0 });
    expect(snapshot(yard.root)).toEqual(before);
  });

  test("moves with every byte and mode, leaves an entry that says all, and is done for good", async () => {
    const yard = new Yard({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    const before = snapshot(join(yard.root, "agents/planning"));
    const run = await yard.apply();
    expect(run).toMatchObject({
      converged: true,
      outcomes: [{ result: "done", action: "archive", corrective: false }],
    });
    expect(snapshot(join(yard.root, "agents/archive/v1-legacy/planning"))).toEqual(before);
    expect(existsSync(join(yard.root, "agents/planning"))).toBe(false);
    const index = yard.read(INDEX);
    expect(index).toMatch(/^## planning$/m);
    expect(index).toMatch(/^- from: agents\/planning$/m);
    expect(index).toMatch(/^- why: listed under retire\.archive in desired\/fleet\.yaml/m);
    expect(index).toMatch(/^- replaced by: planning-agent$/m);
    expect(index).toMatch(/^- digest: [0-9a-f]{32} \(2 files\)$/m);
    expect(index).toMatch(/^- restore: .*mv agents\/archive\/v1-legacy\/planning agents\/planning$/m);
    expect((await yard.plan()).plan).toMatchObject({ actions: [], blocked: [], unmanaged: [] });
    expect([...yard.records.keys()]).toEqual([]);
  });

  test("is no concern of a clone that never had it, nor of one that came with the archive", async () => {
    const without = new Yard({ files: { "agents/planning-agent/x": "" }, archive: { planning: "planning-agent" } });
    expect(await without.plan()).toMatchObject({ steps: [], repairs: [], plan: { actions: [], blocked: [] } });
    const first = new Yard({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    await first.apply();
    const clone = new Yard({
      files: { [INDEX]: first.read(INDEX), "agents/archive/v1-legacy/planning/README.md": "as archived" },
      archive: { planning: "planning-agent" },
    });
    expect(await clone.plan()).toMatchObject({ steps: [], repairs: [], plan: { actions: [], blocked: [] } });
  });

  test("archives the same tree to the same index, wherever and whenever", async () => {
    const texts = await Promise.all(
      [1, 2].map(async () => {
        const yard = new Yard({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
        await yard.apply();
        return yard.read(INDEX);
      }),
    );
    expect(texts[0]).toBe(texts[1]);
  });

  test("is not merged with one of its name that was archived before", async () => {
    const yard = new Yard({
      files: { ...OLD_PLANNING, "agents/archive/v1-legacy/planning/README.md": "archived by hand\n" },
      archive: { planning: undefined },
    });
    const before = snapshot(yard.root);
    const run = await yard.apply({ force: true, overwrite: true });
    expect(run.remaining.blocked).toMatchObject([{ address: "retired/-/planning" }]);
    expect(run.remaining.blocked[0]?.reason).toContain("never merged");
    expect(snapshot(yard.root)).toEqual(before);
  });

  test("comes back from the archive by its restore line, and is archived again only while it is listed", async () => {
    const yard = new Yard({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    await yard.apply();
    const { renameSync } = await import("node:fs");
    renameSync(join(yard.root, "agents/archive/v1-legacy/planning"), join(yard.root, "agents/planning"));
    const unlisted = await yard.plan({ prune: true, overwrite: true }, yard.fleet({ archive: [] }));
    expect(unlisted.plan).toMatchObject({ actions: [], blocked: [], orphans: [], unmanaged: ["agents/planning"] });
    await yard.apply();
    expect(yard.read(INDEX).match(/^## planning$/gm)).toHaveLength(1);
    expect((await yard.plan()).plan.actions).toEqual([]);
  });
});

describe("the index", () => {
  test("keeps what people wrote in it, and a lost entry comes back", async () => {
    const yard = new Yard({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    yard.write(INDEX, "# Our attic\n\nAsk Ada before you throw anything out.\n\n## lathe\n\nnot from Rollcall\n");
    await yard.apply();
    expect(yard.read(INDEX)).toContain(
      "Ask Ada before you throw anything out.\n\n## lathe\n\nnot from Rollcall\n\n## planning\n",
    );
    const whole = yard.read(INDEX);
    yard.write(INDEX, whole.slice(0, whole.indexOf("## planning")));
    expect((await yard.plan()).plan.actions).toMatchObject([{ action: "update", address: "retired/-/planning" }]);
    await yard.apply();
    expect(yard.read(INDEX)).toBe(whole);
  });

  test("follows a new successor and keeps the digest of what was archived and the notes below it", async () => {
    const yard = new Yard({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    await yard.apply();
    const digest = /^- digest: .*$/m.exec(yard.read(INDEX))?.[0] ?? "";
    yard.write(INDEX, `${yard.read(INDEX)}\nIts prompts were good.\n`);
    yard.write("agents/archive/v1-legacy/planning/later.txt", "put in afterwards\n");
    const [entry] = yard.fleet().retire.archive;
    const fleet = yard.fleet({ archive: entry ? [{ ...entry, replacedBy: "strategy-agent" }] : [] });
    await yard.apply({}, yard.writer(), fleet);
    expect(yard.read(INDEX)).toContain(`- replaced by: strategy-agent\n${digest}\n`);
    expect(yard.read(INDEX)).toMatch(/\n\nIts prompts were good\.\n$/);
    expect((await yard.plan({}, fleet)).plan.actions).toEqual([]);
  });

  test("that is a link is not written through", async () => {
    const yard = new Yard({ files: { ...OLD_PLANNING, "notes.md": "mine\n" }, archive: { planning: undefined } });
    yard.write(INDEX, { link: "../../../notes.md" });
    const run = await yard.apply();
    expect(run.remaining.blocked).toMatchObject([{ address: "retired/-/planning" }]);
    expect(yard.read("notes.md")).toBe("mine\n");
    expect(yard.read("agents/planning/README.md")).toContain("planner");
  });
});

describe("a folder listed for deletion", () => {
  const files = { "agents/totally-invalid-agent-xyz-999/.claude/settings.json": "{}\n", "agents/keep-me/x": "x\n" };

  test("is deleted, its files kept as before-images, and nothing else is", async () => {
    const yard = new Yard({ files, delete: ["totally-invalid-agent-xyz-999"], keep: ["keep-me"] });
    yard.write("agents/totally-invalid-agent-xyz-999/home", { link: "/" });
    const { plan } = await yard.plan();
    expect(plan.actions).toMatchObject([{ action: "delete", verdict: "pending" }]);
    expect(plan.actions[0]?.reason).toContain("before-images are kept");
    const run = await yard.apply();
    expect(run).toMatchObject({ converged: true, outcomes: [{ result: "done", action: "delete" }] });
    expect(readdirSync(join(yard.root, "agents"))).toEqual(["keep-me"]);
    expect(imagesOf(yard)).toEqual(["{}\n"]);
    expect([...yard.records.keys()]).toEqual([]);
  });

  test("is kept whole: links, empty folders, modes and times are where the before-images are", async () => {
    const yard = new Yard({ files, delete: ["totally-invalid-agent-xyz-999"] });
    yard.write("agents/totally-invalid-agent-xyz-999/home", { link: "/" });
    mkdirSync(join(yard.root, "agents/totally-invalid-agent-xyz-999/empty"), { mode: 0o750 });
    const before = snapshot(join(yard.root, "agents/totally-invalid-agent-xyz-999"));
    const world = yard.writer();
    await yard.apply({}, world);
    const kept = join(yard.root, "state/before/run-1/agents/totally-invalid-agent-xyz-999");
    expect(snapshot(kept)).toEqual(before);
    // When the run is filed, what was open to others is closed to them, and remembered.
    const settings = ".claude/settings.json";
    expect(world.files.moves()).toMatchObject([{ to: kept, modes: [{ path: settings, mode: 0o644 }] }]);
    expect(snapshot(kept)).toEqual({ ...before, [settings]: before[settings]?.replace("file 644", "file 600") });
  });

  test("whose before-images go to another device: the plan says what will be lost, its files are kept", async () => {
    const yard = new Yard({ files, delete: ["totally-invalid-agent-xyz-999"], state: elsewhere() });
    yard.write("agents/totally-invalid-agent-xyz-999/home", { link: "/" });
    mkdirSync(join(yard.root, "agents/totally-invalid-agent-xyz-999/empty"));
    const { plan } = await yard.plan();
    expect(plan.actions[0]?.reason).toContain(
      "before-images are kept, but 2 links, empty folders or special files in it cannot be brought back",
    );
    expect(await yard.apply()).toMatchObject({ converged: true });
    expect(imagesOf(yard)).toEqual(["{}\n"]);
    expect(existsSync(join(yard.root, "agents/totally-invalid-agent-xyz-999"))).toBe(false);
  });

  test("that is a link is left alone, with what it leads to", async () => {
    const yard = new Yard({ files: { "elsewhere/x": "x\n" }, delete: ["planning"], archive: { backend: undefined } });
    yard.write("agents/planning", { link: "../elsewhere" });
    yard.write("agents/backend", "a file, not a folder\n");
    const before = snapshot(yard.root);
    const { plan } = await yard.plan({ force: true });
    expect(plan.actions).toEqual([]);
    expect(plan.blocked.map(({ address }) => address)).toEqual(["retired/-/backend", "retired/-/planning"]);
    await yard.apply({ force: true, overwrite: true });
    expect(snapshot(yard.root)).toEqual(before);
  });
});

describe("what is never moved", () => {
  test("the folder of a registered agent, even when it is listed", async () => {
    const yard = new Yard({
      files: { "agents/homelab-architect/.claude/CLAUDE.md": "# Homelab\n" },
      agents: ["homelab-architect"],
      archive: { "homelab-architect": undefined, Homelab: undefined },
      delete: ["HOMELAB-architect"],
    });
    const before = snapshot(yard.root);
    await yard.apply({ force: true, overwrite: true, prune: true });
    expect(snapshot(yard.root)).toEqual(before);
    expect((await yard.plan()).plan).toMatchObject({ actions: [], unmanaged: [] });
  });

  test("nor by a plan made before the agent was registered", async () => {
    const yard = new Yard({ files: OLD_PLANNING, archive: { planning: undefined } });
    const { steps } = await yard.plan();
    const { retired } = await import("../../../src/kinds/retired/index.ts");
    const { agentNamed } = await import("../../support/fleet.ts");
    const fleet = { ...yard.fleet(), agents: [agentNamed("planning")] };
    const settled: unknown[] = [];
    const jobs = steps.flatMap(({ want, have, write, drop }) =>
      want ? [{ want, have, record: undefined, write, drop }] : [],
    );
    await retired.put(jobs, fleet, yard.writer(), (one) => settled.push(one));
    expect(settled).toMatchObject([{ result: "failed", error: { code: "E331" } }]);
    expect(existsSync(join(yard.root, "agents/planning/README.md"))).toBe(true);
  });

  test("the archive, kept folders and folders nobody listed; only the last are told of", async () => {
    const yard = new Yard({
      files: {
        "agents/archive/old/x": "",
        "agents/windows/x": "",
        "agents/mem0/x": "",
        "agents/plane/x": "",
        "agents/.git-hooks/x": "",
        "agents/planning-agent/x": "",
        "agents/rollcall.lock.json": "{}",
        "agents/backend/x": "",
      },
      keep: ["windows", "archive"],
      archive: { backend: undefined },
    });
    const { plan } = await yard.plan();
    expect(plan.unmanaged).toEqual(["agents/mem0", "agents/plane"]);
    expect(plan.actions.map(({ address }) => address)).toEqual(["retired/-/backend"]);
  });
});
