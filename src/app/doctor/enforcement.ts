// Checks of enforcement: the hooks' interpreter, every hook proven by what it does, and what the client makes of the settings.
import { KINDS } from "../../kinds/index.ts";
import { type Diagnostic, isError } from "../../model/diagnostic.ts";
import { SpecError } from "../../model/errors.ts";
import { provingWorld } from "../probe-world.ts";
import { type CheckResult, counted, error, firstOf, ok, warning } from "./check-result.ts";
import { type DoctorContext, fleetIn, planIn } from "./context.ts";
import { lines } from "./project.ts";

const NODE_MAJOR = 20;

/** The file that names the hooks' Node, as the plan judged it; nothing where there was no apply yet. */
function nodeFile(context: DoctorContext): { readonly path: string } | { readonly wrong: string } | null {
  const judged = planIn(context).judged.find(({ kind, want }) => kind === "hook" && want?.shared);
  if (judged?.want === undefined || judged.have?.exists !== true) return null;
  if (judged.verdict !== "in-sync") return { wrong: judged.address };
  const read = context.reader.files.read(`${fleetIn(context).machine.folders.agents}/${judged.want.at}`);
  return read.state === "file" ? { path: read.bytes.toString("utf8").replace(/\n$/, "") } : { wrong: judged.address };
}

/** Hooks run under the Node that this machine's file names; before the first apply under what the sessions' PATH has. */
export async function interpreter(context: DoctorContext): Promise<CheckResult> {
  const { sessionPath } = fleetIn(context).machine;
  const { files, exec } = context.reader;
  const offered = files.find("node", sessionPath);
  if (files.find("/bin/sh", "") === null) return error("there is no /bin/sh", "install a POSIX shell");
  const remedy = `install Node ${NODE_MAJOR} or later on the sessions' PATH, then run rollcall apply; searched: ${sessionPath}`;
  if (offered === null) return error("node is not on the sessions' PATH: rollcall cannot apply hooks", remedy);
  const named = nodeFile(context);
  if (named !== null && "wrong" in named)
    return error(`${named.wrong} is not in sync: the hooks may refuse every call`, "run rollcall apply");
  const path = named?.path ?? offered;
  const asked = await exec.query([path, "--version"], { env: { PATH: sessionPath }, cwd: "/" });
  const version = /^v(\d+)\.\d+\.\d+\s*$/.exec(asked.stdout);
  if (asked.code !== 0 || version === null) return error(`${path} does not work as Node`, remedy);
  if (Number(version[1]) < NODE_MAJOR)
    return error(`${path} is Node ${asked.stdout.trim()}, too old for the hooks`, remedy);
  return ok(`/bin/sh and ${path} (${asked.stdout.trim()})`);
}

/** Gives every hook that lies there as rendered one call to refuse and one to allow. Nothing else is ever run. */
export async function hooks(context: DoctorContext): Promise<CheckResult> {
  const fleet = fleetIn(context);
  const { judged } = planIn(context);
  const world = provingWorld(context.reader, context.caller);
  const failures: string[] = [];
  const odd: string[] = [];
  let proven = 0;
  for (const kind of KINDS) {
    const { provable } = kind.capabilities;
    if (!provable) continue;
    const mine = judged.filter((one) => one.kind === kind.name && one.want);
    odd.push(...mine.filter((one) => one.verdict !== "in-sync").map((one) => `${one.address}: ${one.verdict}`));
    const wants = mine.flatMap((one) => (one.want && one.verdict === "in-sync" ? [one.want] : []));
    await provable.prove(wants, fleet, world, (settled) => {
      if (settled.result === "failed")
        failures.push(`${settled.address}: ${settled.error.code} ${settled.error.message}`);
      else proven++;
    });
  }
  if (failures.length > 0)
    return error(
      `${counted(failures.length, "hook")} failed the proof`,
      "see rollcall explain CODE",
      firstOf(failures),
    );
  const [obstacle] = judged.flatMap(({ kind, have }) =>
    have?.obstacle?.why === "no-interpreter" && kind === "hook" ? [have.obstacle] : [],
  );
  if (obstacle) return error(obstacle.message, obstacle.hint);
  if (odd.length > 0)
    return warning(
      `${counted(odd.length, "hook")} not as rendered, so not run`,
      "rollcall apply puts them right",
      firstOf(odd),
    );
  return ok(`${counted(proven, "hook")} refuse and allow as they should`);
}

const ofClientSchema = ({ code }: Diagnostic): boolean => /^[EW]6[56][0-2]/.test(code);

/** What the client would drop or ignore, rendered or on disk, and what somebody added that permits more. */
export function clientSchema(context: DoctorContext): CheckResult {
  const { planned } = context;
  if ("failed" in planned && planned.failed instanceof SpecError)
    return error(
      "the rendered settings are not what the client takes",
      "mend the template",
      lines(planned.failed.diagnostics),
    );
  const { plan } = planIn(context);
  const found = plan.warnings.filter(ofClientSchema);
  if (found.some(isError))
    return error(counted(found.length, "finding"), "rollcall apply, or mend the template", lines(found));
  if (found.length > 0)
    return warning(
      counted(found.length, "finding"),
      "rollcall apply heals what is ours; see rollcall explain CODE",
      lines(found),
    );
  return ok("the client takes every file as it is");
}
