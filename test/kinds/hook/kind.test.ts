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

let fixture: HookVerbsFixture;
beforeEach(() => {
  fixture = openHookVerbs();
});
afterEach(() => fixture.project.close());

const deltaOf = (agent: string) => diff(fixture.want(agent), fixture.observe(agent), {});

describe("laws", () => {
  it("a hook that was put shows no difference, and is proven", async () => {
    const [settled] = await fixture.place(["backend-agent"]);
    const seen = fixture.observe("backend-agent");
    expect(seen.same).toBe(true);
    expect(diff(fixture.want("backend-agent"), seen, {}).changes).toEqual([]);
    expect(kind.capabilities.monitored?.health(fixture.want("backend-agent"), seen, recordOf(settled)).notes).toEqual(
      [],
    );
    expect(seen.digest).toBe(fixture.want("backend-agent").digest);
  });

  it("put twice equals put once: the second writes nothing", async () => {
    await fixture.place(["backend-agent"]);
    const before = fs.statSync(fixture.hook);
    const [settled] = await fixture.place(["backend-agent"]);
    expect(settled?.result).toBe("done");
    expect(fs.statSync(fixture.hook).ino).toBe(before.ino);
  });

  it("removing what is not there succeeds; removing what is there leaves no empty folder", async () => {
    const settled: Settled[] = [];
    const record = (): Recorded => ({ parts: {}, portable: true, at: fixture.want("backend-agent").at });
    const take = () =>
      remove(
        [{ address: "hook/backend-agent/auto-deny", have: fixture.observe("backend-agent"), record: record() }],
        fixture.project.fleet,
        fixture.world,
        (one) => settled.push(one),
      );
    await take();
    await fixture.place(["backend-agent"]);
    await take();
    expect(settled.map((one) => one.result)).toEqual(["done", "done"]);
    expect(fs.existsSync(path.dirname(fixture.hook))).toBe(false);
  });

  it("observing changes nothing and starts nothing", async () => {
    await fixture.place(["backend-agent"]);
    fs.writeFileSync(fixture.hook, "#!/bin/sh\ntouch /tmp/never\n");
    const list = (): string => JSON.stringify(fs.readdirSync(fixture.project.root, { recursive: true }).sort());
    const [before, count] = [list(), fixture.started.length];
    fixture.observe("backend-agent");
    expect(list()).toBe(before);
    expect(fixture.started.length).toBe(count);
  });

  it("what is desired does not depend on the order of the agents, and is plain data", () => {
    const turned: Fleet = { ...fixture.project.fleet, agents: [...fixture.project.fleet.agents].reverse() };
    for (const agent of turned.agents) {
      const [want] = desire(agent, turned);
      expect(want).toEqual(fixture.want(agent.name));
      expect(JSON.parse(JSON.stringify(want))).toEqual(want);
    }
  });

  it("hooks show digests only", async () => {
    await fixture.place(["backend-agent"]);
    fs.appendFileSync(fixture.hook, "# secret");
    const delta = deltaOf("backend-agent");
    expect(delta.patch).toBeUndefined();
    for (const change of delta.changes) expect(change.after).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify([delta, fixture.observe("backend-agent").parts])).not.toContain("secret");
  });
});

describe("damage is told and healed", () => {
  beforeEach(async () => {
    await fixture.place(["backend-agent"]);
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
    damage(fixture.hook);
    const delta = deltaOf("backend-agent");
    expect(delta.reason).toBe(reason);
    expect(delta.changes.length).toBeGreaterThan(0);
    expect(delta.widens).toEqual([]);
    const [settled] = await fixture.place(["backend-agent"]);
    expect(settled?.result).toBe("done");
    expect(fixture.observe("backend-agent").same).toBe(true);
  });

  it("strange bytes are kept as before-image and never run", async () => {
    const strange = `#!/bin/sh\ntouch ${path.join(fixture.project.root, "ran")}\n`;
    fs.writeFileSync(fixture.hook, strange);
    await fixture.place(["backend-agent"]);
    await fixture.world.files.settle();
    expect(fs.existsSync(path.join(fixture.project.root, "ran"))).toBe(false);
    const kept = fs
      .readdirSync(path.join(fixture.project.root, "state"), { recursive: true, encoding: "utf8" })
      .map((name) => path.join(fixture.project.root, "state", name));
    expect(kept.filter((at) => fs.statSync(at).isFile()).some((at) => fs.readFileSync(at, "utf8") === strange)).toBe(
      true,
    );
  });

  it("a mode that another umask gave is no difference", () => {
    for (const mode of [0o755, 0o775, 0o700, 0o750]) {
      fs.chmodSync(fixture.hook, mode);
      expect(fixture.observe("backend-agent").same).toBe(true);
    }
  });

  it("an edit made between plan and apply is left alone and named", async () => {
    fs.writeFileSync(fixture.hook, "#!/bin/sh\nexit 0\n");
    const planned = fixture.job("backend-agent");
    fs.writeFileSync(fixture.hook, "#!/bin/sh\nexit 1\n");
    const settled: Settled[] = [];
    await put([planned], fixture.project.fleet, fixture.world, (one) => settled.push(one));
    expect(settled[0]).toMatchObject({ result: "blocked", reason: "it changed since the plan was made" });
    expect(fs.readFileSync(fixture.hook, "utf8")).toBe("#!/bin/sh\nexit 1\n");
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
        fs.renameSync(folder, path.join(fixture.project.root, "moved"));
        fs.symlinkSync(path.join(fixture.project.root, "moved"), folder);
      },
    ],
  ])("%s", async (_, why, make) => {
    make(fixture.hook);
    const seen = fixture.observe("backend-agent");
    expect(seen.obstacle?.why).toBe(why);
    expect(seen.obstacle?.hint).not.toBe("");
    const [settled] = await fixture.place(["backend-agent"]);
    expect(settled?.result).toBe("failed");
  });
});
