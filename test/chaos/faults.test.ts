// Faults at the border of the operating system: an apply killed or refused at any call that changes a file is survived.
import { afterAll, expect, test } from "vitest";
import { type FaultTrial, keepWreck, openFaultTrial } from "../support/fault-trial.ts";
import { campaignSeed, chanceFrom } from "../support/seeded-random.ts";

/** A few points of each by chance; every one with ROLLCALL_FAULTS=all (`npm run faults`). */
const ALL = process.env["ROLLCALL_FAULTS"] === "all";
const PASSES = [
  { fault: "kill", points: 5 },
  { fault: "torn", points: 2 },
  { fault: "ENOSPC", points: 3 },
  { fault: "ENOSPC", sticky: true, points: 1 },
  { fault: "EIO", points: 2 },
  { fault: "EACCES", points: 1 },
  { fault: "EROFS", points: 1 },
] as const;

let opened: Promise<FaultTrial> | undefined;
const trial = (): Promise<FaultTrial> => (opened ??= openFaultTrial());
afterAll(async () => (await opened)?.close());

/** Which calls are met: all of them, or as many as were asked for, spread over the run. */
function points(calls: number, wanted: number, chance: ReturnType<typeof chanceFrom>): number[] {
  if (ALL) return Array.from({ length: calls }, (_, nth) => nth + 1);
  // The last few may not come: how often a run looks again is not always the same.
  const width = (calls - 5) / wanted;
  return Array.from({ length: wanted }, (_, nth) => 1 + Math.floor(nth * width + chance.number(Math.floor(width))));
}

test.each(PASSES)("$fault, sticky: $sticky", { timeout: ALL ? 4 * 3600_000 : 300_000 }, async (pass) => {
  const { fault, points: wanted, ...more } = pass;
  const seed = campaignSeed();
  const at = await trial();
  const calls = await at.calls({ fault, ...more });
  const chosen = points(calls, wanted, chanceFrom(seed));
  const failed: string[] = [];
  let met = 0;
  for (const [nth, point] of chosen.entries()) {
    let { call, complaints } = await at.trial({ at: point, fault, ...more });
    // A run that looks again less often than the counted one makes fewer calls; none makes half as many.
    if (call === null && !ALL) ({ call, complaints } = await at.trial({ at: Math.ceil(point / 2), fault, ...more }));
    if (call === null) continue;
    met++;
    if (complaints.length > 0) {
      failed.push(`${fault} at ${point}, ${call}: ${complaints.join("; ")}`);
      if (ALL) console.log(`${failed.at(-1)}\n  kept in ${keepWreck(at, `${fault}-${point}`)}`);
    }
    if (ALL && (nth + 1) % 25 === 0) console.log(`${fault}: ${nth + 1} of ${calls}, ${failed.length} not survived`);
  }
  const seeded = ALL ? "" : ` (ROLLCALL_CHAOS_SEED=${seed})`;
  console.log(
    `${fault}${"sticky" in more ? " for good" : ""}: survived ${met - failed.length} of ${met}, ${calls} calls${seeded}`,
  );
  expect(failed, failed.join("\n")).toEqual([]);
  expect(met).toBeGreaterThan(0);
});
