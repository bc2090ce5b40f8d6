// The check of the shell in which clients run commands: the hook reads them as bash does, so it has to be bash.
import { KINDS } from "../../kinds/index.ts";
import { type CheckResult, counted, error, firstOf, ok, warning } from "./check-result.ts";
import { type DoctorContext, planIn } from "./context.ts";

const BASH = "/bin/bash";

/** Bash is there, and every process that runs was started with it: one from before an upgrade may not have been. */
export function sessionShell(context: DoctorContext): CheckResult {
  const { files } = context.reader;
  if (files.find(BASH, "") === null)
    return error(`there is no ${BASH}: every session is started with SHELL=${BASH}`, "install bash");
  const kinds = new Map(KINDS.filter(({ live }) => live).map((kind) => [kind.name, kind]));
  const running = planIn(context).judged.flatMap(({ kind, agent, want, have, record }) => {
    const report = want && have?.live ? kinds.get(kind)?.capabilities.monitored?.health(want, have, record) : undefined;
    const pid = report?.session?.["pid"];
    return typeof pid === "number" ? [{ agent, shell: shellOf(pid, context) }] : [];
  });
  const others = running.filter(({ shell }) => shell !== null && shell !== BASH);
  if (others.length === 0) return ok(`${BASH}; ${counted(running.length, "session")} running`);
  return warning(
    `${counted(others.length, "session")} started without SHELL=${BASH}: commands may run in a shell that the hook does not read`,
    "rollcall stop AGENT, then rollcall start AGENT",
    firstOf(others.map(({ agent, shell }) => `${agent}: ${shell === "" ? "SHELL is not set" : `SHELL=${shell}`}`)),
  );
}

/** SHELL as a process was started with it, empty when it had none; null when the process cannot be looked at. */
function shellOf(pid: number, { reader }: DoctorContext): string | null {
  const read = reader.files.read(`/proc/${pid}/environ`, { limit: 4 * 1024 * 1024 });
  if (read.state !== "file") return null;
  const entry = read.bytes
    .toString("utf8")
    .split("\0")
    .find((one) => one.startsWith("SHELL="));
  return entry?.slice("SHELL=".length) ?? "";
}
