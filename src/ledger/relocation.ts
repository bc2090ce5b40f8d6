// A project that was copied or moved: what the ledger says of this machine's live things belongs to the old place.
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Ledger } from "./ledger-file.ts";
import { type Line, lineOf } from "./line-format.ts";
import type { LedgerHead } from "./schema.ts";

export interface RelocatedLedger {
  readonly head: LedgerHead;
  readonly local: ReadonlyMap<string, Line>;
  readonly notes: readonly Diagnostic[];
}

/** The ledger as it holds at `root`: elsewhere sessions, proofs and holds are forgotten, file records are kept. */
export function relocateLedger(ledger: Ledger, root: string, path: string): RelocatedLedger {
  const { head, lines } = ledger;
  if (head.root === root) return { head, local: lines, notes: [] };
  const local = new Map<string, Line>();
  for (const [key, line] of lines) {
    if (key.startsWith("session/")) continue;
    const { facts: _, ...kept } = line.entry();
    if (kept.parts !== undefined) local.set(key, lineOf(kept));
  }
  const variables = Object.entries(head.variables).filter(([, value]) => !isIn(value, head.root));
  const note: Diagnostic = {
    code: "W401",
    severity: "warning",
    file: path,
    line: 1,
    col: 1,
    message: `the ledger was written in ${head.root}: its sessions, proofs and holds are forgotten here`,
    hint: "nothing to do: file records are kept, the rest is looked at anew",
  };
  return { head: { ...head, variables: Object.fromEntries(variables), holds: {} }, local, notes: [note] };
}

function isIn(value: string, folder: string): boolean {
  return value === folder || value.startsWith(`${folder}/`);
}
