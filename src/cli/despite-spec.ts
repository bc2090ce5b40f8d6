// Commands that work although the spec has errors: the first error is said, then they go on from what is recorded.
import { type Opening, openConfig } from "../app/project.ts";
import { configWithoutSpec, openSound, openWithoutSpec, specLine, type specPart } from "../app/without-spec.ts";
import { SpecError } from "../model/errors.ts";
import type { Folders } from "../model/fleet.ts";
import { callerOf } from "./caller.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Opened } from "./opened.ts";
import type { Terminal } from "./terminal.ts";

/** Does the work on the project; where the spec has errors, on what is recorded of it, with the error said first. */
export async function despiteSpec(
  io: Terminal,
  opening: Opening,
  work: (project: Opened) => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work({ ...(await openSound(callerOf(io), opening)), io });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const project = await openWithoutSpec(callerOf(io), error);
    io.complain(specLine(error.diagnostics));
    return work({ ...project, io });
  }
}

/** Where the runs are, for commands that need no spec; what is wrong with it is said first and handed on. */
export async function openRuns(io: Terminal): Promise<{ readonly folders: Folders } & ReturnType<typeof specPart>> {
  const caller = callerOf(io);
  try {
    return { folders: (await openSound(caller, { mayUseCache: true })).config.folders };
  } catch (error) {
    // Records that cannot be read are no reason not to look at the runs; nor is it to be in no project at all.
    if (!(error instanceof SpecError)) return { folders: (await openConfig(caller)).folders };
    const config = await configWithoutSpec(caller, error);
    if (!config.found) return { folders: config.folders };
    io.complain(specLine(error.diagnostics));
    return { folders: config.folders, spec: { diagnostics: error.diagnostics } };
  }
}
