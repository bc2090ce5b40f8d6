// Variables that every session gets from Rollcall: a value that the spec declares for one of them is not used. Warnings only.
import type { Findings } from "../findings.ts";
import type { FleetSpec } from "../fleet.ts";
import { placed, type RegistryEntry } from "../registry.ts";
import { show } from "../yaml/source-text.ts";

/** What each is set to, in words; and the one value that may be declared all the same. */
const FIXED = {
  SHELL: { value: "/bin/bash", why: "it is /bin/bash in every session: the hook reads commands as bash does" },
  ROLLCALL_AGENT: { value: null, why: "it is the agent's name in every session" },
} as const;

const NAMES = ["SHELL", "ROLLCALL_AGENT"] as const;

/** Adds a warning for each place that declares one of them. */
export function checkFixedVariables(
  entries: readonly RegistryEntry[],
  fleet: FleetSpec | null,
  findings: Findings,
): void {
  if (fleet !== null)
    warnDeclared(fleet.session.env, (name) => fleet.placed(["session", "env", name], "key"), findings);
  for (const entry of entries) {
    const { env, session } = entry.declared;
    warnDeclared(env, (name) => placed(entry, ["env", name], "key"), findings);
    warnDeclared(session?.env, (name) => placed(entry, ["session", "env", name], "key"), findings);
  }
}

function warnDeclared(
  env: Readonly<Record<string, string>> | undefined,
  placeOf: (name: string) => ReturnType<typeof placed>,
  findings: Findings,
): void {
  for (const name of NAMES) {
    const declared = env?.[name];
    const { value, why } = FIXED[name];
    if (declared === undefined || declared === value) continue;
    findings.add("W654", () => ({
      ...placeOf(name),
      message: `${name}=${show(declared)} is not used: ${why}`,
      hint: "take it out",
    }));
  }
}
