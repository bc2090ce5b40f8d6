// Rounds of random blows at a live fleet: one apply converges after each, nothing foreign is touched, nothing is left over.
import { expect, test } from "vitest";
import { strike } from "../support/chaos-faults.ts";
import { openArena } from "../support/chaos-fixture.ts";
import { runShape } from "../support/documents.ts";
import { campaignSeed, chanceFrom, ROUNDS } from "../support/seeded-random.ts";

test(`${ROUNDS} rounds: whatever was killed, renamed, tampered with or cut off, one apply puts it right`, async () => {
  const seed = campaignSeed();
  console.log(`chaos seed ${seed}: repeat with ROLLCALL_CHAOS_SEED=${seed}`);
  const chance = chanceFrom(seed);
  const arena = await openArena();
  for (let round = 1; round <= ROUNDS; round++) {
    const blows = await strike(arena, chance);
    const label = `seed ${seed}, round ${round}: ${blows}`;
    console.log(label);
    // A file changed by hand and wanted otherwise by the spec is a conflict, blocked by right until somebody decides.
    const isConflict = blows.includes("tampered with") && blows.includes("chapter");
    const ran = await arena.apply(isConflict ? ["--overwrite"] : []);
    expect(ran.code, `${label}\n${ran.stdout}${ran.stderr}`).toBe(0);
    expect(runShape.parse(ran.json()).converged, label).toBe(true);
    arena.welcomeStrangers();
    await arena.expectWhole(label);
  }
});
