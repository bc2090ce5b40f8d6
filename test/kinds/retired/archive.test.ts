// Folders that leave: archived with their index entry, deleted, left alone; and what happens when a run is cut short.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { snapshot } from "../../support/project-fixture.ts";
import { elsewhere, INDEX, imagesOf, OLD_PLANNING, RetiredFixture } from "../../support/retired-fixture.ts";

describe("an old folder that is listed for the archive", () => {
  test("is planned as one archive action, without adopt, and the plan writes nothing", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    const before = snapshot(fixture.root);
    const { plan } = await fixture.plan();
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
    expect(snapshot(fixture.root)).toEqual(before);
  });

  test("moves with every byte and mode, leaves an entry that says all, and is done for good", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    const before = snapshot(join(fixture.root, "agents/planning"));
    const run = await fixture.apply();
    expect(run).toMatchObject({
      converged: true,
      outcomes: [{ result: "done", action: "archive", corrective: false }],
    });
    expect(snapshot(join(fixture.root, "agents/archive/v1-legacy/planning"))).toEqual(before);
    expect(existsSync(join(fixture.root, "agents/planning"))).toBe(false);
    const index = fixture.read(INDEX);
    expect(index).toMatch(/^## planning$/m);
    expect(index).toMatch(/^- from: agents\/planning$/m);
    expect(index).toMatch(/^- why: listed under retire\.archive in desired\/fleet\.yaml/m);
    expect(index).toMatch(/^- replaced by: planning-agent$/m);
    expect(index).toMatch(/^- digest: [0-9a-f]{32} \(2 files\)$/m);
    expect(index).toMatch(/^- restore: .*mv agents\/archive\/v1-legacy\/planning agents\/planning$/m);
    expect((await fixture.plan()).plan).toMatchObject({ actions: [], blocked: [], unmanaged: [] });
    expect([...fixture.records.keys()]).toEqual([]);
  });

  test("is no concern of a clone that never had it, nor of one that came with the archive", async () => {
    const without = new RetiredFixture({
      files: { "agents/planning-agent/x": "" },
      archive: { planning: "planning-agent" },
    });
    expect(await without.plan()).toMatchObject({ steps: [], repairs: [], plan: { actions: [], blocked: [] } });
    const first = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    await first.apply();
    const clone = new RetiredFixture({
      files: { [INDEX]: first.read(INDEX), "agents/archive/v1-legacy/planning/README.md": "as archived" },
      archive: { planning: "planning-agent" },
    });
    expect(await clone.plan()).toMatchObject({ steps: [], repairs: [], plan: { actions: [], blocked: [] } });
  });

  test("archives the same tree to the same index, wherever and whenever", async () => {
    const texts = await Promise.all(
      [1, 2].map(async () => {
        const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
        await fixture.apply();
        return fixture.read(INDEX);
      }),
    );
    expect(texts[0]).toBe(texts[1]);
  });

  test("is not merged with one of its name that was archived before", async () => {
    const fixture = new RetiredFixture({
      files: { ...OLD_PLANNING, "agents/archive/v1-legacy/planning/README.md": "archived by hand\n" },
      archive: { planning: undefined },
    });
    const before = snapshot(fixture.root);
    const run = await fixture.apply({ force: true, overwrite: true });
    expect(run.remaining.blocked).toMatchObject([{ address: "retired/-/planning" }]);
    expect(run.remaining.blocked[0]?.reason).toContain("never merged");
    expect(snapshot(fixture.root)).toEqual(before);
  });

  test("comes back from the archive by its restore line, and is archived again only while it is listed", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    await fixture.apply();
    const { renameSync } = await import("node:fs");
    renameSync(join(fixture.root, "agents/archive/v1-legacy/planning"), join(fixture.root, "agents/planning"));
    const unlisted = await fixture.plan({ prune: true, overwrite: true }, fixture.fleet({ archive: [] }));
    expect(unlisted.plan).toMatchObject({ actions: [], blocked: [], orphans: [], unmanaged: ["agents/planning"] });
    await fixture.apply();
    expect(fixture.read(INDEX).match(/^## planning$/gm)).toHaveLength(1);
    expect((await fixture.plan()).plan.actions).toEqual([]);
  });
});

describe("the index", () => {
  test("keeps what people wrote in it, and a lost entry comes back", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    fixture.write(INDEX, "# Our attic\n\nAsk Ada before you throw anything out.\n\n## lathe\n\nnot from Rollcall\n");
    await fixture.apply();
    expect(fixture.read(INDEX)).toContain(
      "Ask Ada before you throw anything out.\n\n## lathe\n\nnot from Rollcall\n\n## planning\n",
    );
    const whole = fixture.read(INDEX);
    fixture.write(INDEX, whole.slice(0, whole.indexOf("## planning")));
    expect((await fixture.plan()).plan.actions).toMatchObject([{ action: "update", address: "retired/-/planning" }]);
    await fixture.apply();
    expect(fixture.read(INDEX)).toBe(whole);
  });

  test("follows a new successor and keeps the digest of what was archived and the notes below it", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: "planning-agent" } });
    await fixture.apply();
    const digest = /^- digest: .*$/m.exec(fixture.read(INDEX))?.[0] ?? "";
    fixture.write(INDEX, `${fixture.read(INDEX)}\nIts prompts were good.\n`);
    fixture.write("agents/archive/v1-legacy/planning/later.txt", "put in afterwards\n");
    const [entry] = fixture.fleet().retire.archive;
    const fleet = fixture.fleet({ archive: entry ? [{ ...entry, replacedBy: "strategy-agent" }] : [] });
    await fixture.apply({}, fixture.writer(), fleet);
    expect(fixture.read(INDEX)).toContain(`- replaced by: strategy-agent\n${digest}\n`);
    expect(fixture.read(INDEX)).toMatch(/\n\nIts prompts were good\.\n$/);
    expect((await fixture.plan({}, fleet)).plan.actions).toEqual([]);
  });

  test("that is a link is not written through", async () => {
    const fixture = new RetiredFixture({
      files: { ...OLD_PLANNING, "notes.md": "mine\n" },
      archive: { planning: undefined },
    });
    fixture.write(INDEX, { link: "../../../notes.md" });
    const run = await fixture.apply();
    expect(run.remaining.blocked).toMatchObject([{ address: "retired/-/planning" }]);
    expect(fixture.read("notes.md")).toBe("mine\n");
    expect(fixture.read("agents/planning/README.md")).toContain("planner");
  });
});

describe("a folder listed for deletion", () => {
  const files = { "agents/totally-invalid-agent-xyz-999/.claude/settings.json": "{}\n", "agents/keep-me/x": "x\n" };

  test("is deleted, its files kept as before-images, and nothing else is", async () => {
    const fixture = new RetiredFixture({ files, delete: ["totally-invalid-agent-xyz-999"], keep: ["keep-me"] });
    fixture.write("agents/totally-invalid-agent-xyz-999/home", { link: "/" });
    const { plan } = await fixture.plan();
    expect(plan.actions).toMatchObject([{ action: "delete", verdict: "pending" }]);
    expect(plan.actions[0]?.reason).toContain("before-images are kept");
    const run = await fixture.apply();
    expect(run).toMatchObject({ converged: true, outcomes: [{ result: "done", action: "delete" }] });
    expect(readdirSync(join(fixture.root, "agents"))).toEqual(["keep-me"]);
    expect(imagesOf(fixture)).toEqual(["{}\n"]);
    expect([...fixture.records.keys()]).toEqual([]);
  });

  test("is kept whole: links, empty folders, modes and times are where the before-images are", async () => {
    const fixture = new RetiredFixture({ files, delete: ["totally-invalid-agent-xyz-999"] });
    fixture.write("agents/totally-invalid-agent-xyz-999/home", { link: "/" });
    mkdirSync(join(fixture.root, "agents/totally-invalid-agent-xyz-999/empty"), { mode: 0o750 });
    const before = snapshot(join(fixture.root, "agents/totally-invalid-agent-xyz-999"));
    const world = fixture.writer();
    await fixture.apply({}, world);
    const kept = join(fixture.root, "state/before/run-1/agents/totally-invalid-agent-xyz-999");
    expect(snapshot(kept)).toEqual(before);
    // When the run is filed, what was open to others is closed to them, and remembered.
    const settings = ".claude/settings.json";
    expect(world.files.moves()).toMatchObject([{ to: kept, modes: [{ path: settings, mode: 0o644 }] }]);
    expect(snapshot(kept)).toEqual({ ...before, [settings]: before[settings]?.replace("file 644", "file 600") });
  });

  test("whose before-images go to another device: the plan says what will be lost, its files are kept", async () => {
    const fixture = new RetiredFixture({ files, delete: ["totally-invalid-agent-xyz-999"], state: elsewhere() });
    fixture.write("agents/totally-invalid-agent-xyz-999/home", { link: "/" });
    mkdirSync(join(fixture.root, "agents/totally-invalid-agent-xyz-999/empty"));
    const { plan } = await fixture.plan();
    expect(plan.actions[0]?.reason).toContain(
      "before-images are kept, but 2 links, empty folders or special files in it cannot be brought back",
    );
    expect(await fixture.apply()).toMatchObject({ converged: true });
    expect(imagesOf(fixture)).toEqual(["{}\n"]);
    expect(existsSync(join(fixture.root, "agents/totally-invalid-agent-xyz-999"))).toBe(false);
  });

  test("that is a link is left alone, with what it leads to", async () => {
    const fixture = new RetiredFixture({
      files: { "elsewhere/x": "x\n" },
      delete: ["planning"],
      archive: { backend: undefined },
    });
    fixture.write("agents/planning", { link: "../elsewhere" });
    fixture.write("agents/backend", "a file, not a folder\n");
    const before = snapshot(fixture.root);
    const { plan } = await fixture.plan({ force: true });
    expect(plan.actions).toEqual([]);
    expect(plan.blocked.map(({ address }) => address)).toEqual(["retired/-/backend", "retired/-/planning"]);
    await fixture.apply({ force: true, overwrite: true });
    expect(snapshot(fixture.root)).toEqual(before);
  });
});

describe("what is never moved", () => {
  test("the folder of a registered agent, even when it is listed", async () => {
    const fixture = new RetiredFixture({
      files: { "agents/homelab-architect/.claude/CLAUDE.md": "# Homelab\n" },
      agents: ["homelab-architect"],
      archive: { "homelab-architect": undefined, Homelab: undefined },
      delete: ["HOMELAB-architect"],
    });
    const before = snapshot(fixture.root);
    await fixture.apply({ force: true, overwrite: true, prune: true });
    expect(snapshot(fixture.root)).toEqual(before);
    expect((await fixture.plan()).plan).toMatchObject({ actions: [], unmanaged: [] });
  });

  test("nor by a plan made before the agent was registered", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: undefined } });
    const { steps } = await fixture.plan();
    const { retired } = await import("../../../src/kinds/retired/index.ts");
    const { agentNamed } = await import("../../support/fleet.ts");
    const fleet = { ...fixture.fleet(), agents: [agentNamed("planning")] };
    const settled: unknown[] = [];
    const jobs = steps.flatMap(({ want, have, write, drop }) =>
      want ? [{ want, have, record: undefined, write, drop }] : [],
    );
    await retired.put(jobs, fleet, fixture.writer(), (one) => settled.push(one));
    expect(settled).toMatchObject([{ result: "failed", error: { code: "E331" } }]);
    expect(existsSync(join(fixture.root, "agents/planning/README.md"))).toBe(true);
  });

  test("the archive, kept folders and folders nobody listed; only the last are told of", async () => {
    const fixture = new RetiredFixture({
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
    const { plan } = await fixture.plan();
    expect(plan.unmanaged).toEqual(["agents/mem0", "agents/plane"]);
    expect(plan.actions.map(({ address }) => address)).toEqual(["retired/-/backend"]);
  });
});
