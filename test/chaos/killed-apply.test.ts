// An apply in small, killed at any moment of it: every file is old or new, and the next apply ends what was begun.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compiled, start, temporary } from "../support/temp-dir.ts";

describe("an apply that is killed at any moment", () => {
  const NEW = "new content\n";
  const OLD = "old content\n";

  function before(root: string): void {
    mkdirSync(join(root, "agents/a/.claude"), { recursive: true });
    writeFileSync(join(root, "agents/a/.claude/settings.json"), OLD);
    writeFileSync(join(root, "agents/a/.claude/old"), OLD);
  }

  function expectDone(root: string): void {
    const folder = join(root, "agents/a/.claude");
    expect(readdirSync(folder).sort()).toEqual(["made", "settings.json"]);
    expect(readFileSync(join(folder, "made"), "utf8")).toBe(NEW);
    expect(readFileSync(join(folder, "settings.json"), "utf8")).toBe(NEW);
    expect(readdirSync(join(root, "agents")).sort()).toEqual(["a", "rollcall.lock.json"]);
    expect(
      readdirSync(join(root, "state"))
        .filter((name) => !["before", "runs", "journal"].includes(name))
        .sort(),
    ).toEqual(["ledger.json", ...(existsSync(join(root, "state/ledger.json.backup")) ? ["ledger.json.backup"] : [])]);
    expect(readdirSync(join(root, "state/journal"))).toEqual([]);
  }

  test("leaves every file old or new, and the next one ends it", { timeout: 120_000 }, async () => {
    const program = compiled(new URL("../support/small-apply.ts", import.meta.url).pathname);
    let killed = 0;
    for (let round = 0; round < 24; round++) {
      const root = temporary();
      before(root);
      const { child, ended } = start([process.execPath, program, root, NEW]);
      // From before the lock to after the end, where most of the work is more often.
      while (!existsSync(join(root, "state/lock")) && child.exitCode === null) await new Promise(setImmediate);
      const until = performance.now() + round * 1.5;
      while (performance.now() < until) await new Promise(setImmediate);
      child.kill("SIGKILL");
      if ((await ended).signal === "SIGKILL") killed++;
      const settings = readFileSync(join(root, "agents/a/.claude/settings.json"), "utf8");
      expect([OLD, NEW]).toContain(settings);
      const again = await start([process.execPath, program, root, NEW]).ended;
      expect(again).toMatchObject({ code: 0, out: "" });
      expectDone(root);
    }
    expect(killed).toBeGreaterThan(5);
  });
});
