// The kind `hook` on a real disk: what it says of every kind of damage, what it leaves alone, what it heals.
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { desire } from "../../../src/kinds/hook/desire.ts";
import { diff } from "../../../src/kinds/hook/diff.ts";
import { hook as kind } from "../../../src/kinds/hook/index.ts";
import { put } from "../../../src/kinds/hook/put.ts";
import { remove } from "../../../src/kinds/hook/remove.ts";
import type { Fleet } from "../../../src/model/fleet.ts";
import type { Recorded } from "../../../src/model/resource.ts";
import type { Settled } from "../../../src/model/settled.ts";
import { type HookVerbsFixture, openHookVerbs, recordOf } from "../../support/hook-verbs-fixture.ts";

let bench: HookVerbsFixture;
beforeEach(() => {
  bench = openHookVerbs();
});
afterEach(() => bench.yard.close());

const deltaOf = (agent: string) => diff(bench.want(agent), bench.look(agent), {});

describe("laws", () => {
  it("a hook that was put shows no difference, and is proven", async () => {
    const [settled] = await bench.place(["backend-agent"]);
    const seen = bench.look("backend-agent");
    expect(seen.same).toBe(true);
    expect(diff(bench.want("backend-agent"), seen, {}).changes).toEqual([]);
    expect(kind.capabilities.monitored?.health(bench.want("backend-agent"), seen, recordOf(settled)).notes).toEqual([]);
    expect(seen.digest).toBe(bench.want("backend-agent").digest);
  });

  it("put twice equals put once: the second writes nothing", async () => {
    await bench.place(["backend-agent"]);
    const before = fs.statSync(bench.hook);
    const [settled] = await bench.place(["backend-agent"]);
    expect(settled?.result).toBe("done");
    expect(fs.statSync(bench.hook).ino).toBe(before.ino);
  });

  it("removing what is not there succeeds; removing what is there leaves no empty folder", async () => {
    const settled: Settled[] = [];
    const record = (): Recorded => ({ parts: {}, portable: true, at: bench.want("backend-agent").at });
    const take = () =>
      remove(
        [{ address: "hook/backend-agent/auto-deny", have: bench.look("backend-agent"), record: record() }],
        bench.yard.fleet,
        bench.world,
        (one) => settled.push(one),
      );
    await take();
    await bench.place(["backend-agent"]);
    await take();
    expect(settled.map((one) => one.result)).toEqual(["done", "done"]);
    expect(fs.existsSync(path.dirname(bench.hook))).toBe(false);
  });

  it("observing changes nothing and starts nothing", async () => {
    await bench.place(["backend-agent"]);
    fs.writeFileSync(bench.hook, "#!/bin/sh\ntouch /tmp/never\n");
    const list = (): string => JSON.stringify(fs.readdirSync(bench.yard.root, { recursive: true }).sort());
    const [before, count] = [list(), bench.started.length];
    bench.look("backend-agent");
    expect(list()).toBe(before);
    expect(bench.started.length).toBe(count);
  });

  it("what is desired does not depend on the order of the agents, and is plain data", () => {
    const turned: Fleet = { ...bench.yard.fleet, agents: [...bench.yard.fleet.agents].reverse() };
    for (const agent of turned.agents) {
      const [want] = desire(agent, turned);
      expect(want).toEqual(bench.want(agent.name));
      expect(JSON.parse(JSON.stringify(want))).toEqual(want);
    }
  });

  it("hooks show digests only", async () => {
    await bench.place(["backend-agent"]);
    fs.appendFileSync(bench.hook, "# secret");
    const delta = deltaOf("backend-agent");
    expect(delta.patch).toBeUndefined();
    for (const change of delta.changes) expect(change.after).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify([delta, bench.look("backend-agent").parts])).not.toContain("secret");
  });
});

describe("damage is told and healed", () => {
  beforeEach(async () => {
    await bench.place(["backend-agent"]);
  });

  it.each<[string, (at: string) => void, string]>([
    ["removed", (at) => fs.rmSync(at), "the hook is missing"],
    ["emptied", (at) => fs.writeFileSync(at, ""), "the hook was emptied"],
    [
      "replaced by a no-op",
      (at) => fs.writeFileSync(at, "#!/bin/sh\nexit 0\n"),
      "the hook was replaced by one that does nothing",
    ],
    [
      "replaced by another program",
      (at) => fs.writeFileSync(at, "#!/usr/bin/env python3\nprint(1)\n"),
      "another program lies in the hook's place",
    ],
    [
      "edited",
      (at) => fs.writeFileSync(at, fs.readFileSync(at, "utf8").replace("exit 2\n", "exit 0\n")),
      "the hook's program differs (edited, or made by another version)",
    ],
    [
      "loosened in its policy",
      (at) => fs.writeFileSync(at, fs.readFileSync(at, "utf8").replace('"tools":["Bash"', '"tools":["Agent","Bash"')),
      "the policy differs: tools -Agent",
    ],
    ["made not executable", (at) => fs.chmodSync(at, 0o644), "the hook is not executable"],
    ["made writable by all", (at) => fs.chmodSync(at, 0o777), "everybody may write to the hook"],
  ])("%s", async (_, damage, reason) => {
    damage(bench.hook);
    const delta = deltaOf("backend-agent");
    expect(delta.reason).toBe(reason);
    expect(delta.changes.length).toBeGreaterThan(0);
    expect(delta.widens).toEqual([]);
    const [settled] = await bench.place(["backend-agent"]);
    expect(settled?.result).toBe("done");
    expect(bench.look("backend-agent").same).toBe(true);
  });

  it("strange bytes are kept as before-image and never run", async () => {
    const strange = `#!/bin/sh\ntouch ${path.join(bench.yard.root, "ran")}\n`;
    fs.writeFileSync(bench.hook, strange);
    await bench.place(["backend-agent"]);
    await bench.world.files.settle();
    expect(fs.existsSync(path.join(bench.yard.root, "ran"))).toBe(false);
    const kept = fs
      .readdirSync(path.join(bench.yard.root, "state"), { recursive: true, encoding: "utf8" })
      .map((name) => path.join(bench.yard.root, "state", name));
    expect(kept.filter((at) => fs.statSync(at).isFile()).some((at) => fs.readFileSync(at, "utf8") === strange)).toBe(
      true,
    );
  });

  it("a mode that another umask gave is no difference", () => {
    for (const mode of [0o755, 0o775, 0o700, 0o750]) {
      fs.chmodSync(bench.hook, mode);
      expect(bench.look("backend-agent").same).toBe(true);
    }
  });

  it("an edit made between plan and apply is left alone and named", async () => {
    fs.writeFileSync(bench.hook, "#!/bin/sh\nexit 0\n");
    const planned = bench.job("backend-agent");
    fs.writeFileSync(bench.hook, "#!/bin/sh\nexit 1\n");
    const settled: Settled[] = [];
    await put([planned], bench.yard.fleet, bench.world, (one) => settled.push(one));
    expect(settled[0]).toMatchObject({ result: "blocked", reason: "it changed since the plan was made" });
    expect(fs.readFileSync(bench.hook, "utf8")).toBe("#!/bin/sh\nexit 1\n");
  });
});

describe("what may not be touched is trouble", () => {
  it.each<[string, string, (at: string) => void]>([
    ["a link", "link", (at) => fs.symlinkSync("/bin/true", at)],
    ["a folder", "not-a-file", (at) => fs.mkdirSync(at)],
    [
      "a file with a second name",
      "hard-link",
      (at) => {
        fs.writeFileSync(at, "x");
        fs.linkSync(at, `${at}.second`);
      },
    ],
    [
      "a linked settings folder",
      "link",
      (at) => {
        const folder = path.dirname(path.dirname(at));
        fs.renameSync(folder, path.join(bench.yard.root, "moved"));
        fs.symlinkSync(path.join(bench.yard.root, "moved"), folder);
      },
    ],
  ])("%s", async (_, why, make) => {
    make(bench.hook);
    const seen = bench.look("backend-agent");
    expect(seen.trouble?.why).toBe(why);
    expect(seen.trouble?.hint).not.toBe("");
    const [settled] = await bench.place(["backend-agent"]);
    expect(settled?.result).toBe("failed");
  });
});
