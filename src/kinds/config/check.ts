// What is wrong with the settings we are about to render: found before anything is written.

import type { ClientFinding } from "../../client/finding.ts";
import { clientFindings } from "../../client/settings-schema.ts";
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import { escapeToken, isJsonObject, type JsonObject } from "../../model/json.ts";
import { placeOfPointer } from "../../model/source-map.ts";
import { hookUnits, isOurHook } from "./hook-list.ts";
import { memoizeByText } from "./memoize.ts";
import { isClientSettings } from "./types.ts";

interface CodePair {
  readonly error: string;
  readonly warning: string;
}

const DROPPED: CodePair = { error: "E650", warning: "W660" };
const IGNORED: CodePair = { error: "E651", warning: "W661" };
const FAILS_OPEN: CodePair = { error: "E652", warning: "W662" };

/**
 * Strict about what we render: whatever the client would drop, ignore or take for nothing. Errors or warnings as
 * `policy.client_schema` says; `off` finds nothing. What many agents share is the same diagnostic for each of them: it
 * is told once. Pure and without a library: it runs with every plan.
 */
export function check(agent: Agent, fleet: Fleet): Diagnostic[] {
  if (fleet.policy.clientSchema === "off") return [];
  return agent.files.flatMap((file) => {
    if (!isClientSettings(file.target)) return [];
    return defectsOf(file, fleet).map(({ code, message, at }) =>
      diagnostic(code, {
        fleet,
        place: placeOfPointer(fleet, file.template, at),
        message: `${file.target}: ${message}`,
      }),
    );
  });
}

interface SettingsDefect {
  readonly code: CodePair;
  /** Pointer to the value at fault. */
  readonly at: string;
  readonly message: string;
}

const defectsOf = memoizeByText((file, fleet): SettingsDefect[] => {
  const document = documentOf(file.json, file.text);
  if (!document) return [{ code: DROPPED, at: "", message: "no JSON object" }];
  return [
    ...clientFindings(document).map((finding) => ({
      code: codeOf(finding),
      at: pointerOf(finding.at),
      message: finding.message,
    })),
    ...openHooks(document, fleet),
  ];
});

function documentOf(json: unknown, text: string): JsonObject | null {
  if (json !== undefined) return isJsonObject(json) ? json : null;
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function codeOf({ costs }: ClientFinding): CodePair {
  switch (costs) {
    case "file":
      return DROPPED;
    case "part":
    case "odd":
      return IGNORED;
  }
}

/** Our hook without `onFailure: block`: when it breaks, the tool runs (measured on 2.1.330). */
function openHooks(document: JsonObject, fleet: Fleet): SettingsDefect[] {
  return hookUnits(document)
    .filter((unit) => !unit.flat && isOurHook(unit, fleet.hook.path))
    .filter((unit) => !isJsonObject(unit.hook) || unit.hook["onFailure"] !== "block")
    .map((unit) => ({
      code: FAILS_OPEN,
      at: pointerOf(unit.at),
      message: `the hook in ${unit.event} lacks "onFailure": "block": when it fails, the tool runs`,
    }));
}

function pointerOf(path: readonly (string | number)[]): string {
  return path.map((token) => `/${escapeToken(String(token))}`).join("");
}

function diagnostic(
  code: CodePair,
  { fleet, place, message }: { readonly fleet: Fleet; readonly place: Place; readonly message: string },
): Diagnostic {
  const severity = fleet.policy.clientSchema === "error" ? "error" : "warning";
  const hint = "correct the template; policy.client_schema: warn lets it through";
  return { code: code[severity], severity, ...place, message, hint };
}
