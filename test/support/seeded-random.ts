// Chance with a seed: the same seed gives the same blows.

export interface Chance {
  /** From 0 up to but not including `below`. */
  number(below: number): number;
  pick<T>(list: readonly T[]): T;
}

/** mulberry32 (public domain): small, fast, good enough to choose what to break. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const number = (below: number): number => Math.floor(next() * below);
  return {
    number,
    pick: (list) => {
      const one = list[number(list.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
  };
}

/** The seed of this campaign: ROLLCALL_CHAOS_SEED, else new each time. */
export function campaignSeed(): number {
  const given = process.env["ROLLCALL_CHAOS_SEED"];
  return given === undefined || given === "" ? Math.floor(Math.random() * 2 ** 32) : Number(given);
}

/** Rounds: a few in CI, fifty with ROLLCALL_CHAOS=long. */
export const ROUNDS = process.env["ROLLCALL_CHAOS"] === "long" ? 50 : 8;
