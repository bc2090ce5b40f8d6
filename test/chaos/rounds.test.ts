// Rounds of random blows at a live fleet: one apply converges after each, nothing foreign is touched, nothing is left over.
import { expect, test } from "vitest";
import { injectFaults } from "../support/chaos-faults.ts";
import { openChaosFixture } from "../support/chaos-fixture.ts";
import { runShape } from "../support/documents.ts";
import { campaignSeed, chanceFrom, ROUNDS } from "../support/seeded-random.ts";

test(`${ROUNDS} rounds: whatever was killed, renamed, tampered with or cut off, one apply puts it right`, async () => {
  const seed = campaignSeed();
  console.log(`chaos seed ${seed}: repeat with ROLLCALL_CHAOS_SEED=${seed}`);
  const chance = chanceFrom(seed);
  const fixture = await openChaosFixture();
  for (let round = 1; round <= ROUNDS; round++) {
    const faults = await injectFaults(fixture, chance);
    const label = `seed ${seed}, round ${round}: ${faults}`;
    console.log(label);
    // A file changed by hand and wanted otherwise by the spec is a conflict, blocked by right until somebody decides.
    const isConflict = faults.includes("tampered with") && faults.includes("chapter");
    const ran = await fixture.apply(isConflict ? ["--overwrite"] : []);
    expect(ran.code, `${label}\n${ran.stdout}${ran.stderr}`).toBe(0);
    expect(runShape.parse(ran.json()).converged, label).toBe(true);
    fixture.welcomeStrangers();
    await fixture.expectWhole(label);
  }
});
