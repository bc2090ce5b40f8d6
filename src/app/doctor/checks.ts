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
  readonly look: (context: DoctorContext) => CheckResult | Promise<CheckResult>;
}

const CHECKS: readonly Check[] = [
  { id: "node", title: "Node is new enough", look: nodeVersion },
  { id: "platform", title: "the platform is supported", look: platform },
  { id: "disk", title: "the folders can be written to, and there is room", look: disk },
  { id: "clock", title: "the clock is not behind the records", look: clock },
  { id: "project", title: "the project is found", look: projectRoot },
  { id: "config", title: "the configuration is valid", look: configuration },
  { id: "spec", title: "registry and fleet.yaml are valid", look: spec },
  { id: "templates", title: "the templates render", look: templates },
  { id: "agents-folder", title: "the agents folder is a folder of your own", look: agentsFolder },
  { id: "state-folder", title: "the state folder is yours alone", look: stateFolder },
  { id: "git-ignore", title: "git ignores what belongs to this machine", look: gitIgnore },
  { id: "lock-file", title: "the lock file is committed", look: lockFileCommitted },
  { id: "records", title: "ledger and lock file can be read", look: records },
  { id: "run-lock", title: "no dead run holds the lock", look: runLock },
  { id: "journal", title: "every run has ended", look: journal },
  { id: "environment", title: "PATH and TEF_ROOT are as recorded", look: recordedEnvironment },
  { id: "tmux", title: "tmux is installed and new enough", look: tmux },
  { id: "tmux-socket", title: "the tmux socket can be reached", look: tmuxSocket },
  { id: "elsewhere", title: "no session is on another socket", look: elsewhere },
  { id: "session-command", title: "the sessions' command is installed", look: sessionCommand },
  { id: "session-shell", title: "sessions run their commands in bash", look: sessionShell },
  { id: "client", title: "the client is one that enforces", look: clientVersion },
  { id: "trust", title: "the client trusts the agents' folders", look: trust },
  { id: "skip-permissions", title: "no session dies of skipped permissions", look: skipPermissions },
  { id: "hooks-elsewhere", title: "nothing else turns the hooks off", look: hooksElsewhere },
  { id: "interpreter", title: "the Node that the hooks run under works", look: interpreter },
  { id: "hooks", title: "every hook bites", look: hooks },
  { id: "client-schema", title: "the client takes the settings as they are", look: clientSchema },
  { id: "differences", title: "nothing differs and nothing is put off", look: differences },
  { id: "holds", title: "agents that are held", look: holds },
  { id: "folders", title: "folders beside the agents", look: folders },
];

export interface Checked extends CheckResult {
  readonly id: string;
  readonly title: string;
}

/** Runs one check; whatever goes wrong in it is its own finding. */
async function run({ id, title, look }: Check, context: DoctorContext): Promise<Checked> {
  try {
    return { id, title, ...(await look(context)) };
  } catch (failed) {
    if (failed instanceof SkippedCheck) return { id, title, ...skipped(failed.message) };
    const message = failed instanceof Error ? failed.message : String(failed);
    return { id, title, ...error(`the check could not be made: ${message}`, "mend what the message names") };
  }
}

/** All checks, each by itself, told in the order of the list. */
export function runChecks(context: DoctorContext): Promise<Checked[]> {
  return Promise.all(CHECKS.map((check) => run(check, context)));
}
