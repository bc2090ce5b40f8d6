// The findings as a document and as text.
import { FORMAT_VERSION } from "../../model/plan.ts";
import { visibleLine } from "../../report/redact.ts";
import type { Paint } from "../../report/style.ts";
import { counted, STATES, type State } from "./check-result.ts";
import type { CheckReport } from "./checks.ts";

export interface DoctorDocument {
  readonly kind: "doctor";
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly checks: readonly CheckReport[];
  readonly summary: Readonly<Record<State, number>>;
}

const countOf = (checks: readonly CheckReport[], state: State): number =>
  checks.filter((one) => one.state === state).length;

export function doctorDocument(checks: readonly CheckReport[]): DoctorDocument {
  const [ok, info, warning, error, skipped] = STATES.map((state) => countOf(checks, state));
  const summary = { ok: ok ?? 0, info: info ?? 0, warning: warning ?? 0, error: error ?? 0, skipped: skipped ?? 0 };
  return { kind: "doctor", formatVersion: FORMAT_VERSION, checks, summary };
}

const COLOUR = { ok: "green", info: "cyan", warning: "yellow", error: "red", skipped: "dim" } as const;

/** One line per check; below those that are not in order their details and the way out. */
export function doctorText(checks: readonly CheckReport[], paint: Paint): string {
  const width = Math.max(...checks.map((one) => one.id.length));
  const blocks = checks.map(({ id, state, message, remedy, details = [] }) => [
    `${paint(COLOUR[state], state.padEnd(7))}  ${id.padEnd(width)}  ${visibleLine(message)}`,
    ...details.map((line) => `${" ".repeat(width + 11)}${visibleLine(line)}`),
    ...(remedy === undefined ? [] : [`${" ".repeat(width + 11)}${paint("cyan", "→")} ${visibleLine(remedy)}`]),
  ]);
  const counts = STATES.flatMap((state) => {
    const count = countOf(checks, state);
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return [...blocks.flat(), "", `${counted(checks.length, "check")}: ${counts.join(", ")}`].join("\n");
}
