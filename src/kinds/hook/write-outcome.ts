// What a write meets in the place of a hook, and how it ended as the outcome of its resource.
import { digestBytes } from "../../delta/digest.ts";
import type { Settled } from "../../model/settled.ts";
import type { FileFacts, ReplaceResult } from "../../model/world.ts";
import { obstacleOf } from "./observe.ts";
import { hookDigest, hookParts } from "./types.ts";

/** The digest of what lies there now, as an observation has it. */
export function seenDigest(current: { readonly bytes: Buffer; readonly facts: FileFacts }): string {
  return hookDigest(hookParts(digestBytes(current.bytes), current.facts.mode));
}

/** The end of an edit that met something else than the plan saw. */
export function moved(what: string): { readonly do: "moved"; readonly reason: string } {
  return { do: "moved", reason: `${what} since the plan was made` };
}

/** How a write ended when the thing is not as it should be after it; null when it is. */
export function left(address: string, path: string, result: ReplaceResult): Settled | null {
  switch (result.state) {
    case "written":
    case "kept":
      return null;
    case "moved":
      return { address, result: "blocked", reason: result.reason, hint: "plan again and look at what changed" };
    case "refused": {
      const { message, hint } = obstacleOf(result);
      return { address, result: "failed", error: { code: "E606", message: `${path}: ${message}`, hint } };
    }
  }
}
