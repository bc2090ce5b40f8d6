// `rollcall doctor`: looks at everything the fleet needs, each thing by itself, and says what to do. Changes nothing,
// but with --rebuild-ledger.

import { runChecks } from "../../app/doctor/checks.ts";
import { openDoctorContext } from "../../app/doctor/context.ts";
import { doctorDocument, doctorText } from "../../app/doctor/report.ts";
import { jsonDocument } from "../../report/json.ts";
import { callerOf } from "../caller.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

interface DoctorOptions {
  readonly output: "text" | "json";
  readonly rebuildLedger: boolean;
  readonly lockTimeout: number;
}

/** Exit 0 when no check is an error, else 1. Works on what can be opened: an invalid spec or a broken ledger is a finding. */
export async function doctorCommand({ io, options }: CommandContext<DoctorOptions>): Promise<ExitCode> {
  if (options.rebuildLedger) {
    const { rebuildRecords, rebuildDocument, rebuildText } = await import("../../app/doctor/rebuild-ledger.ts");
    const rebuilt = await rebuildRecords(callerOf(io), options.lockTimeout);
    io.print(options.output === "json" ? jsonDocument(rebuildDocument(rebuilt)) : rebuildText(rebuilt));
    return EXIT.done;
  }
  const checks = await runChecks(await openDoctorContext(callerOf(io)));
  if (options.output === "json") io.print(jsonDocument(doctorDocument(checks)));
  else io.print(doctorText(checks, io.stdout.paint));
  return checks.some((one) => one.state === "error") ? EXIT.error : EXIT.done;
}
