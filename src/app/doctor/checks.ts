// THE LIST: every check of doctor, in the order it is told.

import { type CheckResult, error, SkippedCheck, skipped } from "./check-result.ts";
import { clientVersion, hooksElsewhere, skipPermissions, trust } from "./client.ts";
import type { DoctorContext } from "./context.ts";
import { clientSchema, hooks, interpreter } from "./enforcement.ts";
import { differences, folders, holds } from "./fleet.ts";
import { clock, disk, nodeVersion, platform } from "./machine.ts";
import {
  agentsFolder,
  configuration,
  gitIgnore,
  lockFileCommitted,
  projectRoot,
  spec,
  stateFolder,
  templates,
} from "./project.ts";
import { journal, recordedEnvironment, records, runLock } from "./records.ts";
import { elsewhere, sessionCommand, tmux, tmuxSocket } from "./sessions.ts";
import { sessionShell } from "./shell.ts";

interface Check {
  /** Stable: scripts may look for it. */
  readonly id: string;
  readonly title: string;
  readonly check: (context: DoctorContext) => CheckResult | Promise<CheckResult>;
}

const CHECKS: readonly Check[] = [
  { id: "node", title: "Node is new enough", check: nodeVersion },
  { id: "platform", title: "the platform is supported", check: platform },
  { id: "disk", title: "the folders can be written to, and there is room", check: disk },
  { id: "clock", title: "the clock is not behind the records", check: clock },
  { id: "project", title: "the project is found", check: projectRoot },
  { id: "config", title: "the configuration is valid", check: configuration },
  { id: "spec", title: "registry and fleet.yaml are valid", check: spec },
  { id: "templates", title: "the templates render", check: templates },
  { id: "agents-folder", title: "the agents folder is a folder of your own", check: agentsFolder },
  { id: "state-folder", title: "the state folder is yours alone", check: stateFolder },
  { id: "git-ignore", title: "git ignores what belongs to this machine", check: gitIgnore },
  { id: "lock-file", title: "the lock file is committed", check: lockFileCommitted },
  { id: "records", title: "ledger and lock file can be read", check: records },
  { id: "run-lock", title: "no dead run holds the lock", check: runLock },
  { id: "journal", title: "every run has ended", check: journal },
  { id: "environment", title: "PATH and TEF_ROOT are as recorded", check: recordedEnvironment },
  { id: "tmux", title: "tmux is installed and new enough", check: tmux },
  { id: "tmux-socket", title: "the tmux socket can be reached", check: tmuxSocket },
  { id: "elsewhere", title: "no session is on another socket", check: elsewhere },
  { id: "session-command", title: "the sessions' command is installed", check: sessionCommand },
  { id: "session-shell", title: "sessions run their commands in bash", check: sessionShell },
  { id: "client", title: "the client is one that enforces", check: clientVersion },
  { id: "trust", title: "the client trusts the agents' folders", check: trust },
  { id: "skip-permissions", title: "no session dies of skipped permissions", check: skipPermissions },
  { id: "hooks-elsewhere", title: "nothing else turns the hooks off", check: hooksElsewhere },
  { id: "interpreter", title: "the Node that the hooks run under works", check: interpreter },
  { id: "hooks", title: "every hook bites", check: hooks },
  { id: "client-schema", title: "the client takes the settings as they are", check: clientSchema },
  { id: "differences", title: "nothing differs and nothing is put off", check: differences },
  { id: "holds", title: "agents that are held", check: holds },
  { id: "folders", title: "folders beside the agents", check: folders },
];

export interface CheckReport extends CheckResult {
  readonly id: string;
  readonly title: string;
}

/** Runs one check; whatever goes wrong in it is its own finding. */
async function runCheck({ id, title, check }: Check, context: DoctorContext): Promise<CheckReport> {
  try {
    return { id, title, ...(await check(context)) };
  } catch (failed) {
    if (failed instanceof SkippedCheck) return { id, title, ...skipped(failed.message) };
    const message = failed instanceof Error ? failed.message : String(failed);
    return { id, title, ...error(`the check could not be made: ${message}`, "mend what the message names") };
  }
}

/** All checks, each by itself, told in the order of the list. */
export function runChecks(context: DoctorContext): Promise<CheckReport[]> {
  return Promise.all(CHECKS.map((check) => runCheck(check, context)));
}
