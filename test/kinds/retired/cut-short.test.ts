// What is left of a run that ended in the middle, and what the next one makes of it.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HostError } from "../../../src/model/errors.ts";
import { elsewhere, INDEX, imagesOf, OLD_PLANNING, RetiredFixture } from "../../support/retired-fixture.ts";

describe("a run that is cut short", () => {
  test("between the index and the moves goes on next time, with one entry per folder", async () => {
    const fixture = new RetiredFixture({
      files: { ...OLD_PLANNING, "agents/backend/api.md": "# API\n", "agents/qa/plan.md": "# QA\n" },
      archive: { planning: "planning-agent", backend: undefined, qa: undefined },
    });
    const world = fixture.writer();
    let moves = 0;
    const move = (from: string, to: string): void => {
      if (++moves > 1) throw new HostError("E501", "no space left on device", { errno: "ENOSPC" });
      world.files.move(from, to);
    };
    const run = await fixture.apply({}, { ...world, files: { ...world.files, move } });
    expect(run.outcomes.map(({ result }) => result)).toEqual(["done", "failed", "failed"]);
    expect(run.remaining.actions.map(({ address }) => address)).toEqual(["retired/-/planning", "retired/-/qa"]);
    expect(await fixture.apply()).toMatchObject({ converged: true });
    expect(fixture.read(INDEX).match(/^## .*$/gm)).toEqual(["## backend", "## planning", "## qa"]);
  });

  test("at any one of its writes converges in the next run", async () => {
    const verbs = ["makeFolder", "replace", "move", "keepFolder"] as const;
    for (let cut = 1, wasCut = true; wasCut; cut++) {
      const fixture = new RetiredFixture({
        files: {
          ...OLD_PLANNING,
          "agents/backend/api.md": "# API\n",
          "agents/trash/a": "a\n",
          "agents/trash/b": "b\n",
        },
        archive: { planning: "planning-agent", backend: undefined },
        delete: ["trash"],
      });
      const world = fixture.writer();
      let writes = 0;
      const files = new Proxy(world.files, {
        get(target, name, receiver) {
          if (!verbs.some((verb) => verb === name)) return Reflect.get(target, name, receiver);
          if (++writes === cut) throw new HostError("E501", `write ${cut} fails`, { errno: "ENOSPC" });
          return Reflect.get(target, name, receiver);
        },
      });
      const cutShort = await fixture.apply({}, { ...world, files });
      wasCut = writes >= cut;
      expect(cutShort.converged, `cut at write ${cut}`).toBe(!wasCut);
      expect(await fixture.apply(), `after a cut at write ${cut}`).toMatchObject({ converged: true });
      expect(fixture.read(INDEX).match(/^## .*$/gm)).toEqual(["## backend", "## planning"]);
      expect(fixture.read("agents/archive/v1-legacy/planning/prompts/start.txt")).toBe("plan!\n");
      expect(readdirSync(join(fixture.root, "agents")).sort()).toEqual(["archive", "planning-agent"]);
      expect(
        imagesOf(fixture)
          .filter((text) => text.length === 2)
          .sort(),
      ).toEqual(["a\n", "b\n"]);
    }
  });

  test("in the middle of a deletion file by file leaves less to delete", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, delete: ["planning"], state: elsewhere() });
    const world = fixture.writer();
    const removeFolder = (): void => {
      throw new HostError("E501", "interrupted", { errno: "EIO" });
    };
    await fixture.apply({}, { ...world, files: { ...world.files, removeFolder } });
    expect((await fixture.plan()).plan.actions).toMatchObject([{ action: "delete" }]);
    expect(await fixture.apply()).toMatchObject({ converged: true });
    expect(imagesOf(fixture).sort()).toEqual(["plan!\n", "the planner of the first days\n"]);
  });

  test("leaves a folder alone that somebody wrote into since the plan", async () => {
    const fixture = new RetiredFixture({ files: OLD_PLANNING, archive: { planning: undefined } });
    const world = fixture.writer();
    const exec = {
      ...world.exec,
      // The search is the last thing a plan does here: what comes then comes between plan and put.
      query: async (command: readonly string[], options: Parameters<typeof world.exec.query>[1]) => {
        const found = await world.exec.query(command, options);
        if (!existsSync(join(fixture.root, INDEX))) fixture.write("agents/planning/new.txt", "just now\n");
        return found;
      },
    };
    const run = await fixture.apply({}, { ...world, exec });
    expect(run.outcomes).toMatchObject([{ result: "blocked" }]);
    expect(fixture.read("agents/planning/new.txt")).toBe("just now\n");
    rmSync(join(fixture.root, "agents/planning/new.txt"));
    expect(await fixture.apply()).toMatchObject({ converged: true });
  });
});
