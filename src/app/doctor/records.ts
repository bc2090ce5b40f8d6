// Checks of what is recorded: ledger and lock file, run lock, journals, and the environment the first apply took over.
import { createRecordFolder } from "../../host/fs/durable-folder.ts";
import { lockHolder } from "../../ledger/lock.ts";
import { RecordError, RollcallError } from "../../model/errors.ts";
import { type CheckResult, counted, error, info, ok, skipped, warning } from "./check-result.ts";
import { type DoctorContext, foldersOf, storeIn } from "./context.ts";
import { ASSUMED_TEF_ROOT } from "./project.ts";

const BROKEN_JOURNAL = "E403";

/** The error of one of our own, told as a finding. */
function failureOf(failed: unknown, remedy: string): CheckResult {
  if (!(failed instanceof RollcallError)) throw failed;
  return error(failed.message, failed.hint ?? remedy);
}

export function records(context: DoctorContext): CheckResult {
  foldersOf(context);
  const { store } = context;
  if ("failed" in store) {
    if (store.failed instanceof RecordError && store.failed.code === BROKEN_JOURNAL)
      return skipped("a journal cannot be read");
    return failureOf(store.failed, "rollcall doctor --rebuild-ledger");
  }
  const { present, notes, serial, stale } = store.value;
  const [note] = notes;
  if (note) return warning(note.message, note.hint ?? "nothing to do");
  if (!present.ledger && !present.lockFile) return info("nothing is recorded yet", "rollcall apply, or rollcall adopt");
  if (!present.ledger) return info("there is no ledger on this machine", "the next rollcall apply makes it anew");
  if (!present.lockFile) return info("there is no lock file", "the next rollcall apply writes it");
  return stale
    ? info("the ledger is of an older format", "the next rollcall apply writes it anew")
    : ok(`serial ${serial}`);
}

/** Whose run is going on: it is never taken for dead while it lives. */
export function runLock(context: DoctorContext): CheckResult {
  const state = createRecordFolder({ path: foldersOf(context).state });
  let found: ReturnType<typeof lockHolder>;
  try {
    found = lockHolder(state, context.processes);
  } catch (failed) {
    return failureOf(failed, "make sure that no run is going on, then remove it");
  }
  if (found === null) return ok("free");
  const { pid, host, since, command } = found.holder;
  const who = `pid ${pid} on ${host} since ${since}: ${command}`;
  switch (found.state) {
    case "alive":
      return info(`a run is going on: ${who}`);
    case "dead":
      return warning(`left behind by a process that is dead: ${who}`, "nothing to do: the next run takes it over");
    case "elsewhere":
      return warning(`held from elsewhere: ${who}`, "if it does not run there any more: rollcall unlock");
  }
}

export function journal(context: DoctorContext): CheckResult {
  const { store } = context;
  if ("failed" in store && store.failed instanceof RecordError && store.failed.code === BROKEN_JOURNAL)
    return failureOf(store.failed, "look at the files it names, then remove it");
  const unfinished = storeIn(context).unfinished;
  if (unfinished.length === 0) return ok("every run has ended");
  const details = unfinished.map(
    ({ id, command, started, intents }) => `${id}: ${command}, ${started}, ${counted(intents.length, "step")}`,
  );
  const state = createRecordFolder({ path: foldersOf(context).state });
  if (lockHolder(state, context.processes)?.state === "alive") return info("a run is going on", undefined, details);
  const remedy = "rollcall apply looks at what it had set out to do, and goes on";
  return warning(`${counted(unfinished.length, "run")} did not end`, remedy, details);
}

/** Sessions and hooks live with the recorded PATH; a shell that has another one now will wonder. */
export function recordedEnvironment(context: DoctorContext): CheckResult {
  const store = storeIn(context);
  const { env } = context.caller;
  const session = "value" in context.config ? context.config.value.session : {};
  const warned = "value" in context.fleet ? context.fleet.value.warnings : [];
  const assumed = warned.find((one) => one.code === ASSUMED_TEF_ROOT);
  if (assumed) return warning(assumed.message, assumed.hint ?? "set TEF_ROOT");
  const details: string[] = [];
  const { TEF_ROOT } = store.variables;
  if (TEF_ROOT !== undefined && env["TEF_ROOT"] !== undefined && env["TEF_ROOT"] !== TEF_ROOT)
    details.push(`TEF_ROOT is recorded as ${TEF_ROOT}, here it is ${env["TEF_ROOT"]}`);
  const path = "value" in context.fleet ? context.fleet.value.machine.sessionPath : store.path?.value;
  if (session.path === undefined && store.path !== undefined && env["PATH"] !== path)
    details.push(`PATH is recorded as ${path}`, `here it is ${env["PATH"] ?? "not set"}`);
  if (details.length === 0) return ok(store.path === undefined ? "nothing recorded yet" : "as recorded");
  const remedy = "the recorded one holds; to change it, set session.path or variables in rollcall.config.yaml";
  return info("the environment here is not the recorded one", remedy, details);
}
