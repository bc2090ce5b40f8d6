// What is left of a run that ended in the middle, and what the next one makes of it.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HostError } from "../../../src/model/errors.ts";
import { elsewhere, INDEX, imagesOf, OLD_PLANNING, Yard } from "../../support/retired-fixture.ts";

describe("a run that is cut short", () => {
  test("between the index and the moves goes on next time, with one entry per folder", async () => {
    const yard = new Yard({
      files: { ...OLD_PLANNING, "agents/backend/api.md": "# API\n", "agents/qa/plan.md": "# QA\n" },
      archive: { planning: "planning-agent", backend: undefined, qa: undefined },
    });
    const world = yard.writer();
    let moves = 0;
    const move = (from: string, to: string): void => {
      if (++moves > 1) throw new HostError("E501", "no space left on device", { errno: "ENOSPC" });
      world.files.move(from, to);
    };
    const run = await yard.apply({}, { ...world, files: { ...world.files, move } });
    expect(run.outcomes.map(({ result }) => result)).toEqual(["done", "failed", "failed"]);
    expect(run.remaining.actions.map(({ address }) => address)).toEqual(["retired/-/planning", "retired/-/qa"]);
    expect(await yard.apply()).toMatchObject({ converged: true });
    expect(yard.read(INDEX).match(/^## .*$/gm)).toEqual(["## backend", "## planning", "## qa"]);
  });

  test("at any one of its writes converges in the next run", async () => {
    const verbs = ["makeFolder", "replace", "move", "keepFolder"] as const;
    for (let cut = 1, wasCut = true; wasCut; cut++) {
      const yard = new Yard({
        files: {
          ...OLD_PLANNING,
          "agents/backend/api.md": "# API\n",
          "agents/trash/a": "a\n",
          "agents/trash/b": "b\n",
        },
        archive: { planning: "planning-agent", backend: undefined },
        delete: ["trash"],
      });
      const world = yard.writer();
      let writes = 0;
      const files = new Proxy(world.files, {
        get(target, name, receiver) {
          if (!verbs.some((verb) => verb === name)) return Reflect.get(target, name, receiver);
          if (++writes === cut) throw new HostError("E501", `write ${cut} fails`, { errno: "ENOSPC" });
          return Reflect.get(target, name, receiver);
        },
      });
      const cutShort = await yard.apply({}, { ...world, files });
      wasCut = writes >= cut;
      expect(cutShort.converged, `cut at write ${cut}`).toBe(!wasCut);
      expect(await yard.apply(), `after a cut at write ${cut}`).toMatchObject({ converged: true });
      expect(yard.read(INDEX).match(/^## .*$/gm)).toEqual(["## backend", "## planning"]);
      expect(yard.read("agents/archive/v1-legacy/planning/prompts/start.txt")).toBe("plan!\n");
      expect(readdirSync(join(yard.root, "agents")).sort()).toEqual(["archive", "planning-agent"]);
      expect(
        imagesOf(yard)
          .filter((text) => text.length === 2)
          .sort(),
      ).toEqual(["a\n", "b\n"]);
    }
  });

  test("in the middle of a deletion file by file leaves less to delete", async () => {
    const yard = new Yard({ files: OLD_PLANNING, delete: ["planning"], state: elsewhere() });
    const world = yard.writer();
    const removeFolder = (): void => {
      throw new HostError("E501", "interrupted", { errno: "EIO" });
    };
    await yard.apply({}, { ...world, files: { ...world.files, removeFolder } });
    expect((await yard.plan()).plan.actions).toMatchObject([{ action: "delete" }]);
    expect(await yard.apply()).toMatchObject({ converged: true });
    expect(imagesOf(yard).sort()).toEqual(["plan!\n", "the planner of the first days\n"]);
  });

  test("leaves a folder alone that somebody wrote into since the plan", async () => {
    const yard = new Yard({ files: OLD_PLANNING, archive: { planning: undefined } });
    const world = yard.writer();
    const exec = {
      ...world.exec,
      // The search is the last thing a plan does here: what comes then comes between plan and put.
      look: async (command: readonly string[], options: Parameters<typeof world.exec.look>[1]) => {
        const found = await world.exec.look(command, options);
        if (!existsSync(join(yard.root, INDEX))) yard.write("agents/planning/new.txt", "just now\n");
        return found;
      },
    };
    const run = await yard.apply({}, { ...world, exec });
    expect(run.outcomes).toMatchObject([{ result: "blocked" }]);
    expect(yard.read("agents/planning/new.txt")).toBe("just now\n");
    rmSync(join(yard.root, "agents/planning/new.txt"));
    expect(await yard.apply()).toMatchObject({ converged: true });
  });
});
