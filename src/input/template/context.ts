// What templates are compiled with: the engine, the partials, the names that exist, and the findings so far.

import type { Findings } from "./findings.ts";
import type { Engine } from "./liquid.ts";
import type { KnownNames } from "./liquid-errors.ts";
import type { SharedRoots } from "./scope.ts";
import type { TemplateText } from "./source.ts";

export interface RenderContext {
  readonly engine: Engine;
  /** All templates, by the name an include uses. */
  readonly partials: ReadonlyMap<string, TemplateText>;
  readonly known: KnownNames;
  readonly shared: SharedRoots;
  readonly findings: Findings;
  /** Partials whose includes were already found to be sound. */
  readonly sound: Set<string>;
}
