// Stories of settings that a person, the client and Rollcall all write.
import { chmodSync, existsSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyPatch } from "../../../src/delta/patch.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import type { Change, PatchOperation } from "../../../src/model/plan.ts";
import {
  applied,
  ConfigFixture,
  converges,
  images,
  PLANNER,
  rendered,
  SETTINGS,
  SETTINGS_FILE,
} from "../../support/config-fixture.ts";

const paths = (changes: readonly Change[] | undefined) => (changes ?? []).map((change) => change.path);

describe("a new agent", () => {
  it("gets its settings, and the next plan is empty and writes no record", async () => {
    const fixture = new ConfigFixture();
    const { plan } = await fixture.plan();
    expect(plan.actions).toMatchObject([{ address: SETTINGS, action: "create", verdict: "missing", impact: "none" }]);
    expect(plan.actions[0]?.patch).toEqual([{ op: "add", path: "", value: PLANNER }]);
    expect(plan.actions[0]?.widens).toBeUndefined();
    await converges(fixture);
    expect(fixture.json()).toEqual(PLANNER);
    expect((await fixture.plan()).repairs).toEqual([]);
  });

  it("finds a settings file that the client made first: blocked until adopted or overwritten, and then merged", async () => {
    const fixture = new ConfigFixture();
    fixture.write(SETTINGS_FILE, '{"theme":"dark","permissions":{"allow":["Bash(ls)"]}}');
    expect((await fixture.plan()).plan).toMatchObject({
      actions: [],
      blocked: [{ address: SETTINGS, verdict: "unowned" }],
    });
    await converges(fixture, { overwrite: true });
    expect(fixture.json()).toEqual({
      theme: "dark",
      ...PLANNER,
      permissions: { ...(PLANNER["permissions"] as JsonObject), allow: ["Bash(ls)"] },
    });
  });
});

describe("a settings file in use", () => {
  it("is in sync whatever the order of keys, the layout and what others keep in it", async () => {
    const fixture = await applied();
    const { permissions, ...rest } = PLANNER;
    const deny = ["Read(.env)", "Edit(tests/**)", "Edit(.claude/**)"];
    const text = JSON.stringify(
      { theme: "dark", ...rest, permissions: { ...(permissions as JsonObject), deny } },
      null,
      "\t",
    );
    fixture.write(SETTINGS_FILE, `\uFEFF${text.replaceAll("\n", "\r\n")}`);
    expect((await fixture.plan()).plan).toMatchObject({ actions: [], blocked: [], warnings: [] });
  });

  it("gets back one changed and one lost value, and keeps every other byte", async () => {
    const fixture = await applied();
    const text = fixture
      .read(SETTINGS_FILE)
      .replace('{\n  "model": "opus"', '{\n  "theme"  :  "dark",\n  "model": "haiku"');
    fixture.write(SETTINGS_FILE, text.replace('"Edit(.claude/**)",\n      ', ""));
    const { plan } = await fixture.plan();
    expect(plan.actions).toMatchObject([{ address: SETTINGS, action: "update", verdict: "tampered" }]);
    expect(plan.actions[0]?.reason).toBe("/permissions/deny/Edit(.claude~1**) is missing, /model differs");
    expect(plan.actions[0]?.changes).toEqual([
      { path: "/model", before: "haiku", after: "opus" },
      { path: "/permissions/deny/Edit(.claude~1**)", before: null, after: "Edit(.claude/**)" },
    ]);
    const before = fixture.json();
    const patched = applyPatch(before, plan.actions[0]?.patch as PatchOperation[]);
    await converges(fixture);
    expect(patched).toEqual({ ok: true, value: fixture.json() });
    expect(fixture.read(SETTINGS_FILE)).toBe(
      text
        .replace('"haiku"', '"opus"')
        .replace('"Edit(.claude/**)",\n      "Edit(tests/**)"', '"Edit(tests/**)",\n      "Edit(.claude/**)"'),
    );
  });

  it("loses a key we stopped rendering only while it has our value", async () => {
    const keep = { ...PLANNER, outputStyle: "terse", language: "german" };
    const fixture = await applied({ files: [rendered(".claude/settings.json", keep, "keys")] });
    fixture.write(SETTINGS_FILE, fixture.read(SETTINGS_FILE).replace("german", "french"));
    fixture.now({ files: [rendered(".claude/settings.json", PLANNER, "keys")] });
    const { plan } = await fixture.plan();
    expect(paths(plan.actions[0]?.changes)).toEqual(["/outputStyle"]);
    expect(plan.actions[0]?.reason).toBe("/outputStyle is no longer wanted");
    await converges(fixture);
    expect(fixture.json()).toEqual({ ...PLANNER, language: "french" });
  });

  it("blocks a key that person and spec both changed, and does the rest; enforcement is never blocked", async () => {
    const fixture = await applied();
    fixture.write(
      SETTINGS_FILE,
      fixture.read(SETTINGS_FILE).replace("opus", "haiku").replace("Edit(tests/**)", "Edit(x)"),
    );
    const deny = ["Edit(.claude/**)", "Edit(src/**)"];
    fixture.now({
      files: [rendered(".claude/settings.json", { ...PLANNER, model: "sonnet", permissions: { deny } }, "keys")],
    });
    const { plan } = await fixture.plan();
    expect(plan.blocked).toMatchObject([{ address: `${SETTINGS}#/model`, verdict: "conflicting" }]);
    expect(plan.actions).toMatchObject([{ address: SETTINGS, action: "update" }]);
    await fixture.apply();
    expect(fixture.json()).toMatchObject({
      model: "haiku",
      permissions: { deny: ["Edit(.claude/**)", "Edit(x)", "Edit(src/**)"] },
    });
  });

  it("shows no secret", async () => {
    const env = { GITHUB_TOKEN: "gh-very-secret", EDITOR: "vi" };
    const fixture = await applied({ files: [rendered(".claude/settings.json", { ...PLANNER, env }, "keys")] });
    fixture.write(SETTINGS_FILE, fixture.read(SETTINGS_FILE).replace("gh-very-secret", "gh-other-secret"));
    const { plan } = await fixture.plan();
    expect(paths(plan.actions[0]?.changes)).toEqual(["/env/GITHUB_TOKEN"]);
    expect(JSON.stringify(plan)).not.toMatch(/gh-(very|other)-secret/);
    await converges(fixture);
    expect(fixture.json()["env"]).toEqual(env);
  });

  it("has the exec bit and the write bit of others compared, and nothing else of its mode", async () => {
    const fixture = await applied();
    const file = join(fixture.root, SETTINGS_FILE);
    chmodSync(file, 0o664);
    expect((await fixture.plan()).plan.actions).toEqual([]);
    chmodSync(file, 0o666);
    expect((await fixture.plan()).plan.actions).toMatchObject([
      { reason: "its mode is 0666", impact: "none", changes: [{ path: "mode", before: "0666", after: "0644" }] },
    ]);
    await converges(fixture);
  });
});

describe("a settings file that cannot be read as JSON", () => {
  it("with comments is tampered: comments and trailing commas go, every other byte stays", async () => {
    const fixture = await applied();
    const clean = fixture.read(SETTINGS_FILE).replace("{\n", '{\n  "theme": "dark",\n');
    fixture.write(
      SETTINGS_FILE,
      clean.replace('"dark",', '"dark", // easy on the eyes').replace("false\n}", "false,\n}"),
    );
    const { plan } = await fixture.plan();
    expect(plan.actions).toMatchObject([{ verdict: "tampered", reason: "a comment in a JSON file at 2:20" }]);
    expect(plan.warnings).toMatchObject([{ code: "W651", file: SETTINGS_FILE, line: 2, col: 20 }]);
    await converges(fixture);
    expect(fixture.read(SETTINGS_FILE)).toBe(clean.replace('"dark",', '"dark", '));
    expect(images(fixture).join()).toContain("easy on the eyes");
  });

  it.each([
    ["empty", Buffer.alloc(0), "the file is empty"],
    ["broken", Buffer.from('{\n  "model": "opus"\n  "theme": "dark"\n}'), "not JSON (comma expected) at 3:3"],
    ["not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), "not UTF-8 at byte 2"],
    ["a list", Buffer.from("[1, 2]"), "a list where an object has to be at 1:1"],
    ["larger than is read", Buffer.alloc(17 * 1024 * 1024, " "), "larger than 1048576 bytes"],
  ])("%s: tampered, named, rewritten whole, the before-image kept", async (_, bytes, reason) => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, bytes);
    const { plan } = await fixture.plan();
    expect(plan.actions).toMatchObject([{ address: SETTINGS, verdict: "tampered" }]);
    expect(plan.actions[0]?.reason).toContain(reason);
    await converges(fixture);
    expect(fixture.json()).toEqual(PLANNER);
    expect(images(fixture).map((text) => text.length > 0)).toContain(bytes.length > 0);
  });

  it("with doubled keys keeps the foreign ones and the last of each", async () => {
    const fixture = await applied();
    const text = fixture.read(SETTINGS_FILE).replace("{\n", '{\n  "theme": "light",\n  "theme": "dark",\n');
    fixture.write(SETTINGS_FILE, text);
    expect((await fixture.plan()).plan.actions).toMatchObject([
      { verdict: "tampered", reason: 'the key "theme" stands twice at 3:3' },
    ]);
    await converges(fixture);
    expect(fixture.json()).toEqual({ theme: "dark", ...PLANNER });
  });
});

describe("what lies in the way", () => {
  it("is refused and left: a link, a link above, a second name, a folder everybody may write in", async () => {
    const cases: Record<string, (fixture: ConfigFixture, file: string) => void> = {
      link: (fixture, file) => {
        fixture.write("elsewhere/settings.json", "{}");
        symlinkSync(join(fixture.root, "elsewhere/settings.json"), file);
      },
      "hard-link": (fixture, file) => {
        fixture.write("elsewhere/settings.json", "{}");
        linkSync(join(fixture.root, "elsewhere/settings.json"), file);
      },
      "not-a-file": (_, file) => mkdirSync(file),
      "world-writable": (_, file) => chmodSync(join(file, "../.."), 0o777),
    };
    for (const [why, arrange] of Object.entries(cases)) {
      const fixture = new ConfigFixture();
      mkdirSync(join(fixture.root, SETTINGS_FILE, ".."), { recursive: true });
      arrange(fixture, join(fixture.root, SETTINGS_FILE));
      const { plan } = await fixture.plan({ overwrite: true });
      expect(plan, why).toMatchObject({ actions: [], blocked: [{ address: SETTINGS }] });
      expect(plan.blocked[0]?.hint).not.toBe("");
      await fixture.apply({ overwrite: true });
      if (existsSync(join(fixture.root, "elsewhere"))) expect(fixture.read("elsewhere/settings.json")).toBe("{}");
    }
  });
});

describe("between plan and write", () => {
  it("a foreign key that comes is merged into", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, fixture.read(SETTINGS_FILE).replace("opus", "haiku"));
    const late = fixture.read(SETTINGS_FILE).replace("{\n", '{\n  "theme": "dark",\n');
    const run = await fixture.apply({}, fixture.writer(), () => fixture.write(SETTINGS_FILE, late));
    expect(run.converged).toBe(true);
    expect(fixture.json()).toEqual({ theme: "dark", ...PLANNER });
  });

  it("a key that was to be written and moved is left alone, and the run says so", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, fixture.read(SETTINGS_FILE).replace("opus", "haiku"));
    const late = fixture.read(SETTINGS_FILE).replace("haiku", "sonnet");
    const run = await fixture.apply({}, fixture.writer(), () => fixture.write(SETTINGS_FILE, late));
    expect(run.outcomes).toMatchObject([{ result: "blocked" }]);
    expect(run.outcomes[0]?.error?.message).toContain("/model was changed");
    expect(fixture.json()["model"]).toBe("sonnet");
  });

  it("a client that is in the middle of writing is waited for, and merged with", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, fixture.read(SETTINGS_FILE).replace("opus", "haiku"));
    const full = fixture.read(SETTINGS_FILE).replace("{\n", '{\n  "theme": "dark",\n');
    const file = join(fixture.root, SETTINGS_FILE);
    const run = await fixture.apply({}, fixture.writer(), () => {
      writeFileSync(file, full.slice(0, 60));
      setTimeout(() => writeFileSync(file, full), 150);
    });
    expect(run).toMatchObject({ converged: true });
    expect(fixture.json()).toEqual({ theme: "dark", ...PLANNER });
  });

  it("a file that somebody breaks is left alone", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, fixture.read(SETTINGS_FILE).replace("opus", "haiku"));
    const broken = fixture.read(SETTINGS_FILE).replace(",", " oops,");
    const run = await fixture.apply({}, fixture.writer(), () => fixture.write(SETTINGS_FILE, broken));
    expect(run.outcomes).toMatchObject([{ result: "blocked" }]);
    expect(fixture.read(SETTINGS_FILE)).toBe(broken);
  });

  it("a file that appears where none was is left alone", async () => {
    const fixture = new ConfigFixture();
    const run = await fixture.apply({}, fixture.writer(), () => fixture.write(SETTINGS_FILE, { theme: "dark" }));
    expect(run.outcomes).toMatchObject([{ result: "blocked" }]);
    expect(fixture.json()).toEqual({ theme: "dark" });
  });
});
