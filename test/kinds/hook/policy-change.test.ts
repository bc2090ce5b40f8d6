// What a changed policy newly permits, and the hook of an agent that left the registry.
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { desire } from "../../../src/kinds/hook/desire.ts";
import { diff } from "../../../src/kinds/hook/diff.ts";
import { observe } from "../../../src/kinds/hook/observe.ts";
import { remove } from "../../../src/kinds/hook/remove.ts";
import { hookBytes } from "../../../src/kinds/hook/types.ts";
import type { Recorded } from "../../../src/model/resource.ts";
import type { Settled } from "../../../src/model/settled.ts";
import { makeFleet, ROLES } from "../../support/hook-fixture.ts";
import { type HookVerbsFixture, openHookVerbs } from "../../support/hook-verbs-fixture.ts";

let bench: HookVerbsFixture;
beforeEach(() => {
  bench = openHookVerbs();
});
afterEach(() => bench.project.close());

describe("a new policy", () => {
  it("that permits more says what", () => {
    const before = bench.want("backend-agent");
    fs.mkdirSync(path.dirname(bench.hook), { recursive: true });
    fs.writeFileSync(bench.hook, hookBytes(before), { mode: 0o755 });
    const role = ROLES["backend-agent"];
    const tools = [...(role?.tools ?? []), "WebFetch"];
    const wider = makeFleet(bench.project.root, {
      ...ROLES,
      "backend-agent": { tools, cannotAccess: ["frontend/**"], delegatesTo: ["qa-agent"] },
    });
    const want = wider.agents
      .filter((agent) => agent.name === "backend-agent")
      .flatMap((agent) => desire(agent, wider))[0];
    const [seen] = observe(
      [{ address: "hook/backend-agent/auto-deny", agent: "backend-agent", ...(want ? { want } : {}) }],
      wider,
      bench.reader(),
    ).observed;
    const delta = diff(want, seen, {});
    // tests/** and its like stay: test-writer-agent owns them.
    expect(delta.widens).toEqual(["may use WebFetch", "may start qa-agent"]);
    expect(delta.reason).toBe("the policy differs: tools +WebFetch, delegates +qa-agent");
    expect(diff(before, seen, {}).widens).toEqual([]);
  });

  it("that permits to write somewhere says where", () => {
    const roles = { "backend-agent": { tools: ["Write"], cannotAccess: ["frontend/**"] } };
    const fleet = makeFleet(bench.project.root, roles);
    const freer = makeFleet(bench.project.root, { "backend-agent": { tools: ["Write"] } });
    const [old, fresh] = [fleet, freer].map((one) => one.agents.flatMap((agent) => desire(agent, one))[0]);
    if (old === undefined || fresh === undefined) throw new Error("no hooks");
    fs.mkdirSync(path.dirname(bench.hook), { recursive: true });
    fs.writeFileSync(bench.hook, hookBytes(old), { mode: 0o755 });
    const [seen] = observe(
      [{ address: old.address, agent: "backend-agent", want: fresh }],
      freer,
      bench.reader(),
    ).observed;
    expect(diff(fresh, seen, {}).widens).toEqual(["may write frontend/**"]);
    const [again] = observe(
      [{ address: old.address, agent: "backend-agent", want: old }],
      fleet,
      bench.reader(),
    ).observed;
    expect(diff(old, again, {}).widens).toEqual([]);
  });
});

describe("a hook that left the registry", () => {
  it("is seen by its record alone, and removed only as it was seen", async () => {
    await bench.place(["backend-agent"]);
    const at = bench.want("backend-agent").at;
    const record: Recorded = { parts: {}, portable: true, at };
    const address = "hook/backend-agent/auto-deny";
    const [have] = observe([{ address, agent: "backend-agent", record }], bench.project.fleet, bench.reader()).observed;
    if (have === undefined) throw new Error("nothing observed");
    expect(have).toMatchObject({ exists: true, same: false });
    expect(have?.parts).toEqual(bench.want("backend-agent").parts);
    fs.appendFileSync(bench.hook, "# mine\n");
    const settled: Settled[] = [];
    await remove([{ address, have, record }], bench.project.fleet, bench.world, (one) => settled.push(one));
    expect(settled[0]?.result).toBe("blocked");
    expect(fs.existsSync(bench.hook)).toBe(true);
  });
});
