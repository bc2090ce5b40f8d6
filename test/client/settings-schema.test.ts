// Our idea of the client's settings, held against what the client's own loader answered (measure-client.mjs).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLIENT_EVENTS, GATE_EVENTS } from "../../src/client/settings-keys.ts";
import { clientFindings } from "../../src/client/settings-schema.ts";
import { check as checkRendered } from "../../src/kinds/config/check.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { ConfigFixture, OUR_HOOK, PLANNER, rendered } from "../support/config-fixture.ts";
import { DOCUMENTS, MEMBERS } from "./client-documents.mjs";

interface Verdicts {
  readonly version: string;
  readonly events: readonly string[];
  readonly gates: readonly string[];
  readonly keys: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, string>>;
  readonly documents: Readonly<Record<string, "dropped" | "part" | "whole">>;
}

const verdicts = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/client-verdicts.json"), "utf8"),
) as Verdicts;

const VALUES: Readonly<Record<string, Json>> = { s: "x", n: 1, b: true, l: [], o: {}, z: null };
const costs = (document: JsonObject) => new Set(clientFindings(document).map((finding) => finding.costs));

/** The loader's row for six values of one key against ours: where it drops the file, and where it takes the value. */
function rowsAgree(name: string, row: string, at: (value: Json) => JsonObject): void {
  Object.entries(VALUES).forEach(([letter, value], index) => {
    const drops = row[index] === "-";
    const found = costs(at(value));
    expect(found.has("file"), `${name} = ${JSON.stringify(value)}`).toBe(drops);
    if (row[index] === letter) expect([...found], `${name} = ${JSON.stringify(value)}`).toEqual([]);
  });
}

describe("the client's loader and we", () => {
  it("know the same events, and the same ones in which one entry costs the file", () => {
    expect([...CLIENT_EVENTS].sort()).toEqual([...verdicts.events].sort());
    expect([...GATE_EVENTS].sort()).toEqual([...verdicts.gates].sort());
  });

  it("agree on every key of the settings with every type of value", () => {
    expect(Object.keys(verdicts.keys).length).toBeGreaterThan(180);
    for (const [key, row] of Object.entries(verdicts.keys)) rowsAgree(key, row, (value) => ({ [key]: value }));
  });

  it("agree on members of objects", () => {
    expect(Object.keys(verdicts.members)).toEqual([...MEMBERS]);
    for (const [name, row] of Object.entries(verdicts.members)) {
      const [key = "", member = ""] = name.split(".");
      rowsAgree(name, row, (value) => ({ [key]: { [member]: value } }));
    }
  });

  it("have been asked about the same documents", () => {
    expect(Object.keys(verdicts.documents)).toEqual(Object.keys(DOCUMENTS));
  });

  it.each(Object.entries(DOCUMENTS))("agree on %s", (name, document) => {
    const found = costs(document);
    switch (verdicts.documents[name]) {
      case "dropped":
        expect(found.has("file")).toBe(true);
        break;
      case "part":
        expect(found.has("file")).toBe(false);
        // The loader turns the mode `manual` into its other name: nothing is lost.
        if (name !== "the mode manual") expect(found.has("part")).toBe(true);
        break;
      default:
        expect([...found].filter((cost) => cost !== "odd")).toEqual([]);
    }
  });

  it("nobody else's document makes us throw", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("hooks", "permissions", "env", "x"), fc.jsonValue()), (document) => {
        expect(Array.isArray(clientFindings(document as JsonObject))).toBe(true);
      }),
    );
  });
});

describe("rules that hold nothing back", () => {
  it.each(["Write(tests/**)", "MultiEdit(x)", "Edit(../../src/**)", "Read(./../x)"])("%s is pointed out", (rule) => {
    expect(costs({ permissions: { deny: [rule] } })).toEqual(new Set(["odd"]));
  });

  it.each(["Edit(tests/**)", "Edit(//abs/src/**)", "Bash(rm:*)", "Write"])("%s is not", (rule) => {
    expect(costs({ permissions: { deny: [rule] } })).toEqual(new Set());
  });

  it("hooks by a relative path, matchers that match nothing", () => {
    const withHook = (matcher: string, command: string) => ({
      hooks: { PreToolUse: [{ matcher, hooks: [{ type: "command", command }] }] },
    });
    for (const command of [".claude/hooks/auto-deny", "./guard", "'../guard' x", "hooks/guard.py"]) {
      expect(costs(withHook("*", command)), command).toEqual(new Set(["odd"]));
    }
    for (const command of ['"$CLAUDE_PROJECT_DIR"/.claude/hooks/auto-deny', "/bin/guard", "guard", "node x/y.js"]) {
      expect(costs(withHook("*", command)), command).toEqual(new Set());
    }
    expect(costs(withHook("write", "guard"))).toEqual(new Set(["odd"]));
    expect(costs(withHook("Write(", "guard"))).toEqual(new Set(["part"]));
    expect(costs(withHook("Write|Edit|mcp__.*", "guard"))).toEqual(new Set());
  });
});

describe("what we are about to render", () => {
  function check(json: JsonObject, clientSchema: Fleet["policy"]["clientSchema"] = "error") {
    const fixture = new ConfigFixture({
      files: [rendered(".claude/settings.json", json, "keys")],
      policy: { clientSchema },
    });
    const fleet = fixture.fleet();
    return fleet.agents
      .flatMap((agent) => checkRendered(agent, fleet))
      .map(({ code, severity, file }) => ({ code, severity, file }));
  }
  const file = "templates/settings.json";

  it("is clean as our templates render it", () => {
    expect(check(PLANNER)).toEqual([]);
    expect(check({ permissions: { deny: ["Edit(//srv/fleet/src/**)"] }, disableAllHooks: false })).toEqual([]);
  });

  it("is an error where the client would drop or ignore it, a warning or nothing where policy says so", () => {
    const flat = { hooks: { PreToolUse: [{ command: ".claude/hooks/auto-deny.py" }] }, projectInfo: {} };
    expect(check(flat)).toEqual([
      { code: "E650", severity: "error", file },
      { code: "E651", severity: "error", file },
    ]);
    expect(check(flat, "warn")).toEqual([
      { code: "W660", severity: "warning", file },
      { code: "W661", severity: "warning", file },
    ]);
    expect(check(flat, "off")).toEqual([]);
    expect(check({ permissions: { deny: ["Write(tests/**)"] } })).toEqual([{ code: "E651", severity: "error", file }]);
  });

  it("is an error where our hook fails open", () => {
    const { onFailure: _, ...open } = OUR_HOOK;
    expect(check({ hooks: { PreToolUse: [{ matcher: "*", hooks: [open] }] } })).toEqual([
      { code: "E652", severity: "error", file },
    ]);
  });

  it("is written and kept as it is, even where the client would drop it, when policy lets it through", async () => {
    const flat = { hooks: { PreToolUse: [{ command: ".claude/hooks/auto-deny", description: "guard" }] }, env: "A=1" };
    const fixture = new ConfigFixture({
      files: [rendered(".claude/settings.json", flat, "keys")],
      policy: { clientSchema: "warn" },
    });
    expect(await fixture.apply()).toMatchObject({ converged: true });
    fixture.write("agents/planning-agent/.claude/settings.json", { theme: "dark", ...flat });
    expect((await fixture.plan()).plan).toMatchObject({ actions: [], blocked: [] });
  });
});
