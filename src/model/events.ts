// What happens during a run, as typed events: the command line prints them, the continuous loop and the console forward them.
import type { Outcome, Run } from "./outcome.ts";

/** Who started a run. */
export type RunSource = "cli" | "watch" | "dashboard";

export type RunEvent =
  | {
      readonly event: "run-started";
      readonly run: string;
      readonly command: string;
      readonly by: RunSource;
      readonly steps: number;
    }
  /** One action is over: the `n`th of `of`. */
  | ({ readonly event: "step"; readonly run: string; readonly n: number; readonly of: number } & Outcome)
  | { readonly event: "run-ended"; readonly run: string; readonly converged: boolean }
  /** Something a person should know that is neither a result nor an error. */
  | { readonly event: "note"; readonly message: string };

/** Takes events in the order in which things happen. Never throws. */
export type Emit = (event: RunEvent) => void;

/** The event of an ended run. */
export const runEnded = ({ id, converged }: Pick<Run, "id" | "converged">): RunEvent => ({
  event: "run-ended",
  run: id,
  converged,
});
