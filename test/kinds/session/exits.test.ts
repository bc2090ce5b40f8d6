// Ends soon after a start: which of them count after somebody asked for a new beginning.
import { expect, test } from "vitest";
import { earlyExits } from "../../../src/kinds/session/observe/crash-loop.ts";
import type { OwnSession } from "../../../src/kinds/session/types.ts";

const FORGIVEN = Date.parse("2026-11-22T12:00:00.700Z");

function ended({ startedAt, at }: { readonly startedAt: number; readonly at?: number }): OwnSession {
  return {
    state: "ours",
    id: "$1",
    name: "iw-planner",
    mark: {
      agent: "planner",
      fingerprint: "f",
      version: 2,
      startedAt,
      program: "command",
      components: {},
      envNames: [],
      exits: [],
    },
    clients: 0,
    created: 0,
    otherPanes: 0,
    exit: { code: 1, ...(at === undefined ? {} : { at }) },
    changed: [],
    client: true,
    at: FORGIVEN,
  };
}

test("an end whose time nobody told is the same end at every look, and is forgiven with its process", () => {
  const seen = ended({ startedAt: FORGIVEN - 5_000 });
  expect(earlyExits({ exits: [], forgivenAt: FORGIVEN }, seen, FORGIVEN + 400)).toEqual([]);
  for (const later of [400, 5_000, 600_000]) {
    expect(earlyExits({ exits: [] }, seen, FORGIVEN + later)).toEqual([FORGIVEN - 5_000]);
  }
});

test("a process that was started after the forgiving and ended in the same second counts", () => {
  const seen = ended({ startedAt: FORGIVEN + 100, at: FORGIVEN - 700 });
  expect(earlyExits({ exits: [], forgivenAt: FORGIVEN }, seen, FORGIVEN + 250)).toEqual([FORGIVEN + 100]);
});
