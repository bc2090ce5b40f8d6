// What the loop needs of the ledger: records to read, a run to journal, records to commit. ledger/ implements it.
import type { Run } from "./outcome.ts";
import type { RecordRepair, Step } from "./plan.ts";
import type { Records } from "./resource.ts";

export interface Recorder {
  /** The recorded state as it is now, the journal of an unfinished run laid over it. */
  records(): Records;
  /** Journals a run durably before its first write. */
  begin(run: { readonly id: string; readonly command: string; readonly steps: readonly Step[] }): void;
  /** Writes what changed in the lock file and the ledger; nothing when nothing changed. */
  commit(repairs: readonly RecordRepair[]): Promise<void>;
  /** Files the run's document and drops its journal. */
  end(run: Run): Promise<void>;
  /** Files what runs that were killed had set out to do, and drops their journals: all of it is recorded now. */
  forgetKilled(): void;
}
