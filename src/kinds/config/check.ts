// What is wrong with the settings we are about to render: found before anything is written.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Agent, Fleet } from "../../model/fleet.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { ClientFinding } from "./client-finding.ts";
import { clientFindings } from "./client-schema.ts";
import { hookUnits, isOurHook } from "./hook-list.ts";
import { oncePerText } from "./memo.ts";
import { isClientSettings } from "./props.ts";

interface CodePair {
  readonly error: string;
  readonly warning: string;
}

const DROPPED: CodePair = { error: "E650", warning: "W660" };
const IGNORED: CodePair = { error: "E651", warning: "W661" };
const FAILS_OPEN: CodePair = { error: "E652", warning: "W662" };

/**
 * Strict about what we render: whatever the client would drop, ignore or take for nothing. Errors or warnings as
 * `policy.client_schema` says; `off` finds nothing. Pure and without a library: it runs with every plan.
 */
export function checkFiles(agent: Agent, fleet: Fleet): Diagnostic[] {
  if (fleet.policy.clientSchema === "off") return [];
  return agent.files.flatMap((file) => {
    if (!isClientSettings(file.target)) return [];
    const name = `${file.target} of ${agent.name}`;
    return flawsOf(file, fleet).map(({ code, message }) =>
      diagnostic(code, { fleet, file: file.template, message: `${name}: ${message}` }),
    );
  });
}

interface Flaw {
  readonly code: CodePair;
  readonly message: string;
}

const flawsOf = oncePerText((file, fleet): Flaw[] => {
  const document = documentOf(file.json, file.text);
  if (!document) return [{ code: DROPPED, message: "no JSON object" }];
  return [
    ...clientFindings(document).map((finding) => ({ code: codeOf(finding), message: finding.message })),
    ...openHooks(document, fleet).map((message) => ({ code: FAILS_OPEN, message })),
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
function openHooks(document: JsonObject, fleet: Fleet): string[] {
  return hookUnits(document)
    .filter((unit) => !unit.flat && isOurHook(unit, fleet.hook.path))
    .filter((unit) => !isJsonObject(unit.hook) || unit.hook["onFailure"] !== "block")
    .map((unit) => `the hook in ${unit.event} lacks "onFailure": "block": when it fails, the tool runs`);
}

function diagnostic(
  code: CodePair,
  { fleet, file, message }: { readonly fleet: Fleet; readonly file: string; readonly message: string },
): Diagnostic {
  const severity = fleet.policy.clientSchema === "error" ? "error" : "warning";
  const hint = "correct the template; policy.client_schema: warn lets it through";
  return { code: code[severity], severity, file, line: 1, col: 1, message, hint };
}
