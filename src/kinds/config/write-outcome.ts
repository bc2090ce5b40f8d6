// How a write of one file ended, as the outcome of its resource.
import { HostError, RollcallError } from "../../model/errors.ts";
import type { Failure } from "../../model/outcome.ts";
import type { Settled } from "../../model/settled.ts";
import type { ReplaceResult } from "../../model/world.ts";

const AGAIN = "run apply again: it plans on what is there now";

/** `parts`: the digests that were written. */
export function outcome(address: string, result: ReplaceResult, parts: Readonly<Record<string, string>>): Settled {
  switch (result.state) {
    case "written":
    case "kept":
      return { address, result: "done", parts };
    case "moved":
      return { address, result: "blocked", reason: result.reason, hint: AGAIN };
    case "refused":
      return {
        address,
        result: "blocked",
        reason: result.message,
        hint: "see to what lies there, then run apply again",
      };
  }
}

/** What came of the act; an error of ours is a failure, anything else passes through. */
export async function settled(address: string, act: () => Promise<Settled>): Promise<Settled> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { address, result: "failed", error: failureOf(error) };
  }
}

function failureOf(error: RollcallError): Failure {
  const hint = error.hint ?? (error instanceof HostError && error.retryable ? "run apply again" : undefined);
  return { code: error.code, message: error.message, ...(hint === undefined ? {} : { hint }) };
}
