// Stories of enforcement: whatever would switch the hook or the rules off is seen, named and healed.
import { describe, expect, it } from "vitest";
import { config } from "../../../src/kinds/config/index.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import {
  applied,
  converges,
  OUR_HOOK,
  PLANNER,
  rendered,
  SETTINGS,
  SETTINGS_FILE,
} from "../../support/config-fixture.ts";

const HOOK_PATH = '/hooks/PreToolUse/*/"$CLAUDE_PROJECT_DIR"~1.claude~1hooks~1auto-deny';

function withEntries(event: string, entries: Json): JsonObject {
  return { ...PLANNER, hooks: { ...(PLANNER["hooks"] as JsonObject), [event]: entries } };
}

describe("an entry that runs our hook is ours, in any root, quoting and shape", () => {
  const strays: Readonly<Record<string, Json>> = {
    "the old flat shape beside the right one": { command: ".claude/hooks/auto-deny", description: "guard" },
    "an absolute path of another machine": {
      matcher: "Write",
      hooks: [{ type: "command", command: "/home/old/fleet/agents/planning-agent/.claude/hooks/auto-deny" }],
    },
    "an interpreter before it and arguments behind": {
      matcher: "*",
      hooks: [{ type: "command", command: "node '${CLAUDE_PROJECT_DIR}//.claude/./hooks/auto-deny' --quiet" }],
    },
    "a wrapper that swallows its answer": {
      matcher: "*",
      hooks: [{ type: "command", command: '"$CLAUDE_PROJECT_DIR"/.claude/hooks/auto-deny || true' }],
    },
    "the exec form": {
      matcher: "*",
      hooks: [{ type: "command", command: "node", args: ["${CLAUDE_PROJECT_DIR}/.claude/hooks/auto-deny"] }],
    },
    "a bare text": "./.claude/hooks/auto-deny",
  };

  for (const [name, stray] of Object.entries(strays)) {
    it(`${name}: tampered, and gone after the apply`, async () => {
      const fixture = await applied();
      const right = { matcher: "*", hooks: [OUR_HOOK] };
      fixture.write(SETTINGS_FILE, { theme: "dark", ...withEntries("PreToolUse", [stray, right]) });
      const { plan } = await fixture.plan();
      expect(plan.actions).toMatchObject([{ address: SETTINGS, verdict: "tampered" }]);
      expect(plan.actions[0]?.changes.map(({ path }) => path)).toContain(HOOK_PATH);
      await converges(fixture);
      expect(fixture.json()).toEqual({ theme: "dark", ...PLANNER });
    });

    it(`${name}, alone and in another event: replaced by the right one`, async () => {
      const fixture = await applied();
      const { hooks: _, ...rest } = PLANNER;
      fixture.write(SETTINGS_FILE, { ...rest, hooks: { PostToolUse: [stray] } });
      await converges(fixture);
      expect(fixture.json()).toEqual(PLANNER);
    });
  }

  it("ours with another timeout, without onFailure, or with another matcher is put right in its place", async () => {
    for (const entry of [
      { matcher: "*", hooks: [{ ...OUR_HOOK, timeout: 1 }] },
      { matcher: "*", hooks: [{ type: "command", command: OUR_HOOK["command"] ?? "" }] },
      { matcher: "Bash", hooks: [OUR_HOOK] },
    ]) {
      const fixture = await applied();
      const own = { matcher: "Bash", hooks: [{ type: "command", command: "/usr/bin/log-it" }] };
      fixture.write(SETTINGS_FILE, withEntries("PreToolUse", [entry, own]));
      expect((await fixture.plan()).plan.actions).toMatchObject([{ verdict: "tampered" }]);
      await converges(fixture);
      expect(fixture.json()["hooks"]).toEqual({ PreToolUse: [{ matcher: "*", hooks: [OUR_HOOK] }, own] });
    }
  });

  it("is taken out of an entry that a person's hook shares, and the person's hook stays", async () => {
    const fixture = await applied();
    const own = { type: "command", command: "/usr/bin/log-it" };
    const old = { type: "command", command: "/elsewhere/.claude/hooks/auto-deny" };
    fixture.write(SETTINGS_FILE, withEntries("PreToolUse", [{ matcher: "Bash", hooks: [own, old] }]));
    await converges(fixture);
    expect(fixture.json()["hooks"]).toEqual({
      PreToolUse: [
        { matcher: "Bash", hooks: [own] },
        { matcher: "*", hooks: [OUR_HOOK] },
      ],
    });
  });

  it("a hook of a similar name is a person's", async () => {
    const fixture = await applied();
    const own = { matcher: "*", hooks: [{ type: "command", command: "/x/.claude/hooks/auto-deny-log" }] };
    const right = { matcher: "", hooks: [OUR_HOOK] };
    fixture.write(SETTINGS_FILE, withEntries("PreToolUse", [own, right]));
    expect((await fixture.plan()).plan).toMatchObject({ actions: [], blocked: [] });
  });

  it("is taken out of settings.local.json as well, where we want no hook at all", async () => {
    const local = { permissions: { deny: ["Edit(//x/**)"] }, disableAllHooks: false };
    const fixture = await applied({ files: [rendered(".claude/settings.local.json", local, "keys")] });
    const file = "agents/planning-agent/.claude/settings.local.json";
    fixture.write(file, {
      ...local,
      hooks: { PreToolUse: [{ hooks: [{ type: "command", command: ".claude/hooks/auto-deny" }] }] },
    });
    expect((await fixture.plan()).plan.actions[0]?.reason).toContain("a stray entry of our hook");
    await converges(fixture);
    expect(fixture.json(file)).toEqual(local);
  });

  it("follows the spec to another matcher without being taken for tampering", async () => {
    const fixture = await applied();
    const hooks = { PreToolUse: [{ matcher: "Write|Edit", hooks: [OUR_HOOK] }] };
    fixture.now({ files: [rendered(".claude/settings.json", { ...PLANNER, hooks }, "keys")] });
    expect((await fixture.plan()).plan.actions).toMatchObject([{ verdict: "pending" }]);
    await converges(fixture);
    expect(fixture.json()["hooks"]).toEqual(hooks);
  });
});

describe("foreign content that makes the client drop the whole file", () => {
  const offences: Readonly<Record<string, { readonly file: JsonObject; readonly healed?: JsonObject }>> = {
    "a flat entry of somebody else's hook": { file: withEntries("PermissionRequest", [{ command: "log-it" }]) },
    "an event that is no list": { file: withEntries("PermissionRequest", "log-it") },
    "an environment that is no object": { file: { ...PLANNER, env: "A=1" } },
    "a number where a text belongs": { file: { ...PLANNER, outputStyle: 3 } },
    "a word the client does not know": { file: { ...PLANNER, tui: "huge" } },
    "a permission list that is a text": {
      file: { ...PLANNER, permissions: { ...(PLANNER["permissions"] as JsonObject), ask: "Write" } },
    },
    "a status line without its command": { file: { ...PLANNER, statusLine: { type: "command" } } },
    "a further directory that is no text": {
      file: { ...PLANNER, permissions: { ...(PLANNER["permissions"] as JsonObject), additionalDirectories: [1] } },
    },
  };

  for (const [name, { file, healed }] of Object.entries(offences)) {
    it(`${name}: enforcement is off, so exactly that value goes`, async () => {
      const fixture = await applied();
      fixture.write(SETTINGS_FILE, { theme: "dark", ...file });
      const { plan } = await fixture.plan();
      expect(plan.actions).toMatchObject([{ address: SETTINGS, verdict: "tampered" }]);
      expect(plan.actions[0]?.reason).toContain("the client will ignore this file: ");
      expect(plan.warnings).toMatchObject([{ code: "W651", file: SETTINGS_FILE }]);
      expect(plan.warnings[0]?.line).toBeGreaterThan(1);
      await converges(fixture);
      expect(fixture.json()).toEqual({ theme: "dark", ...(healed ?? PLANNER) });
    });
  }

  it("is healed even where the key itself is in conflict", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, { ...PLANNER, model: 5 });
    fixture.now({ files: [rendered(".claude/settings.json", { ...PLANNER, model: "sonnet" }, "keys")] });
    await fixture.apply();
    expect(fixture.json()["model"]).toBe("sonnet");
  });

  it("what the client merely passes over is said and left", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, {
      ...withEntries("BeforeBreakfast", []),
      projectInfo: {},
      permissions: { ...(PLANNER["permissions"] as JsonObject), ask: ["Write(x)", "edit(y)"] },
    });
    const before = fixture.read(SETTINGS_FILE);
    const { plan } = await fixture.plan();
    expect(plan.actions).toEqual([]);
    expect(plan.warnings.map(({ code }) => code)).toEqual(["W652", "W652", "W652", "W652"]);
    expect(plan.warnings.map(({ message }) => message).join()).toMatch(
      /BeforeBreakfast.*projectInfo|projectInfo.*BeforeBreakfast/,
    );
    expect(fixture.read(SETTINGS_FILE)).toBe(before);
  });
});

describe("what permits more than the spec", () => {
  const wide: JsonObject = {
    ...PLANNER,
    permissions: { ...(PLANNER["permissions"] as JsonObject), allow: ["Bash(rm:*)"], additionalDirectories: ["/etc"] },
    enableAllProjectMcpServers: true,
  };

  it("is reported as WIDENED with its place, and left", async () => {
    const fixture = await applied();
    fixture.write(SETTINGS_FILE, wide);
    const { plan } = await fixture.plan();
    expect(plan.actions).toEqual([]);
    expect(plan.warnings.map(({ code, message }) => [code, message])).toEqual([
      ["W650", "WIDENED: allow Bash(rm:*) is not in the spec"],
      ["W650", "WIDENED: additionalDirectories /etc is not in the spec"],
      ["W650", "WIDENED: enableAllProjectMcpServers true is not in the spec"],
    ]);
    expect(plan.warnings.map(({ line }) => line).every((line) => line > 1)).toBe(true);
  });

  it("is taken out under policy.widening: heal, and nothing else is", async () => {
    const fixture = await applied({ policy: { widening: "heal" } });
    fixture.write(SETTINGS_FILE, { theme: "dark", ...wide });
    expect((await fixture.plan()).plan.actions[0]?.reason).toBe("something foreign widens it: allow Bash(rm:*)");
    await converges(fixture);
    expect(fixture.json()).toEqual({ theme: "dark", ...PLANNER });
  });

  it.each<[string, JsonObject]>([
    ["a deny rule less", { ...PLANNER, permissions: { defaultMode: "acceptEdits", deny: ["Edit(.claude/**)"] } }],
    ["a looser mode", { ...PLANNER, permissions: { ...(PLANNER["permissions"] as JsonObject), defaultMode: "auto" } }],
    ["an allow rule more", { ...PLANNER, permissions: { ...(PLANNER["permissions"] as JsonObject), allow: ["Bash"] } }],
    ["all hooks off", { ...PLANNER, disableAllHooks: true }],
    ["no hook", { ...PLANNER, hooks: {} }],
  ])("in a change of our own is marked: %s", async (_, json) => {
    const fixture = await applied();
    fixture.now({ files: [rendered(".claude/settings.json", json, "keys")] });
    expect((await fixture.plan()).plan).toMatchObject({ actions: [{ widens: true }], summary: { widened: 1 } });
    await converges(fixture);
    fixture.now({ files: [rendered(".claude/settings.json", PLANNER, "keys")] });
    expect((await fixture.plan()).plan.actions[0]?.widens).toBeUndefined();
  });
});

describe("what a change costs a live agent", () => {
  it("is nothing for a mode, a reload for hooks and permissions, a restart when idle for the rest", async () => {
    const fixture = await applied();
    const [want] = fixture.wants();
    const impactOf = async (json: JsonObject) => {
      fixture.write(SETTINGS_FILE, json);
      const query = { address: SETTINGS, agent: "planning-agent", ...(want ? { want } : {}) };
      const { observed } = await config.observe([query], fixture.fleet(), fixture.reader());
      return config.diff(want, observed[0], { fleet: fixture.fleet() }).impact;
    };
    expect(await impactOf({ ...PLANNER, hooks: {} })).toBe("reload");
    expect(await impactOf({ ...PLANNER, disableAllHooks: true })).toBe("reload");
    expect(await impactOf({ ...PLANNER, model: "haiku", hooks: {} })).toBe("restart-when-idle");
  });
});
