// Spec files and templates become a fleet: loaded and rendered.
import type { RecordStore } from "../ledger/store.ts";
import type { Config } from "../model/config.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Fleet } from "../model/fleet.ts";
import type { FileReader } from "../model/world.ts";

export interface CompileJob {
  readonly config: Config;
  readonly store: RecordStore;
  readonly files: FileReader;
  readonly env: Readonly<Record<string, string>>;
  readonly mayUseCache: boolean;
}

export interface Compiled {
  /** Null when there is an error. */
  readonly fleet: Fleet | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads and renders; the readers of YAML and of templates are loaded only here. */
export async function compileFleet({ config, store, files, env }: CompileJob): Promise<Compiled> {
  const { loadSpec } = await import("../spec/load.ts");
  const machine = {
    env,
    sessionPath: store.path?.value ?? env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    recorded: store.variables,
  };
  const loaded = loadSpec({ config, machine, files });
  if (!loaded.spec) return { fleet: null, diagnostics: loaded.diagnostics };
  const { renderFleet } = await import("../template/render.ts");
  const rendered = await renderFleet(loaded.spec);
  return { fleet: rendered.fleet, diagnostics: [...loaded.diagnostics, ...rendered.diagnostics] };
}
