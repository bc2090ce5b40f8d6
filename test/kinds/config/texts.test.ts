// Stories of memory files, ours whole or by a block, and of files that go.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/model/json.ts";
import {
  applied,
  ConfigFixture,
  converges,
  images,
  MEMORY,
  MEMORY_FILE,
  PLANNER,
  rendered,
  SETTINGS,
  SETTINGS_FILE,
} from "../../support/config-fixture.ts";

const paths = (changes: readonly { readonly path: string }[] | undefined) => (changes ?? []).map(({ path }) => path);

describe("an agent that is no longer there", () => {
  it("takes its keys with it and leaves what others wrote", async () => {
    const fixture = await applied();
    const json = {
      ...fixture.json(),
      theme: "dark",
      permissions: { ...(PLANNER["permissions"] as JsonObject), allow: ["Bash(ls)"] },
    };
    fixture.write(SETTINGS_FILE, json);
    fixture.now({ files: [] });
    const { plan } = await fixture.plan({ prune: true });
    expect(plan.actions).toMatchObject([{ address: SETTINGS, action: "delete", verdict: "orphan", widens: true }]);
    await fixture.apply({ prune: true });
    expect(fixture.json()).toEqual({ permissions: { allow: ["Bash(ls)"] }, theme: "dark" });
    expect(fixture.records.size).toBe(0);
  });

  it("takes the whole file and the empty folders where nobody else wrote anything", async () => {
    const fixture = await applied({
      files: [
        rendered(".claude/settings.json", PLANNER, "keys"),
        rendered(".claude/CLAUDE.md", "# Planning\n", "whole"),
      ],
    });
    fixture.now({ files: [] });
    await fixture.apply({ prune: true });
    expect(readdirSync(join(fixture.root, "agents"))).toEqual([]);
    expect(images(fixture)).toHaveLength(2);
  });

  it("goes although its own entries would look foreign by now", async () => {
    const permissions = { ...(PLANNER["permissions"] as JsonObject), allow: ["Bash(ls)"] };
    const flat = { PreToolUse: [{ command: ".claude/hooks/auto-deny", description: "guard" }] };
    const fixture = await applied({
      files: [rendered(".claude/settings.json", { ...PLANNER, permissions, hooks: flat }, "keys")],
      policy: { widening: "heal", clientSchema: "warn" },
    });
    fixture.now({ files: [] });
    expect((await fixture.plan({ prune: true })).plan).toMatchObject({ blocked: [], actions: [{ verdict: "orphan" }] });
    await fixture.apply({ prune: true });
    expect(existsSync(join(fixture.root, SETTINGS_FILE))).toBe(false);
  });

  it("leaves a key that somebody changed, until it may be overwritten", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, fixture.read(SETTINGS_FILE).replace("opus", "haiku"));
    fixture.now({ files: [] });
    expect((await fixture.plan({ prune: true })).plan.blocked).toMatchObject([{ verdict: "tampered-orphan" }]);
    await fixture.apply({ prune: true, overwrite: true });
    expect(existsSync(join(fixture.root, SETTINGS_FILE))).toBe(false);
  });
});

describe("texts", () => {
  it("that are ours whole come back as they were, the difference shown line by line", async () => {
    const fixture = await applied({
      files: [rendered(".claude/CLAUDE.md", "# Planning\n\nPlan first.\nAsk.\n", "whole")],
    });
    fixture.write(MEMORY_FILE, "# Planning\n\nNever plan.\nAsk.\nTwice.\n");
    const { plan } = await fixture.plan();
    expect(plan.actions).toMatchObject([
      { address: MEMORY, verdict: "tampered", reason: "CLAUDE.md differs: 2 lines" },
    ]);
    expect(paths(plan.actions[0]?.changes)).toEqual([""]);
    expect(plan.actions[0]?.patch).toContain("-Never plan.\n+Plan first.\n");
    await converges(fixture);
    expect(fixture.read(MEMORY_FILE)).toBe("# Planning\n\nPlan first.\nAsk.\n");
  });

  it("that hold our block keep every byte outside it, whatever its encoding", async () => {
    const fixture = new ConfigFixture({ files: [rendered(".claude/CLAUDE.md", "Plan first.\n", "block")] });
    const own = Buffer.concat([Buffer.from("# Mine\r\n\r\n"), Buffer.from([0xe9, 0xff, 0x0a])]);
    fixture.write(MEMORY_FILE, own);
    await converges(fixture, { overwrite: true });
    const file = join(fixture.root, MEMORY_FILE);
    expect(readFileSync(file).subarray(0, own.length)).toEqual(own);
    expect(readFileSync(file, "latin1")).toContain("<!-- rollcall:begin -->\nPlan first.\n<!-- rollcall:end -->\n");
    fixture.write(MEMORY_FILE, Buffer.from(readFileSync(file, "latin1").replace("first", "last"), "latin1"));
    expect((await fixture.plan()).plan.actions).toMatchObject([{ reason: "the block in CLAUDE.md differs: 1 line" }]);
    await converges(fixture);
    fixture.now({ files: [] });
    await fixture.apply({ prune: true });
    expect(readFileSync(file)).toEqual(own);
  });

  it("whose marks were damaged get a whole block again and lose nothing", async () => {
    const fixture = await applied({ files: [rendered(".claude/CLAUDE.md", "Plan first.\n", "block")] });
    fixture.write(MEMORY_FILE, "mine\n<!-- rollcall:begin -->\nPlan first.\nalso mine\n");
    expect((await fixture.plan()).plan.actions).toMatchObject([
      { verdict: "tampered", reason: "the begin mark has no end mark behind it" },
    ]);
    await converges(fixture);
    expect(fixture.read(MEMORY_FILE)).toBe(
      "mine\nPlan first.\nalso mine\n<!-- rollcall:begin -->\nPlan first.\n<!-- rollcall:end -->\n",
    );
  });
});
