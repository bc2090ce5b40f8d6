// `host:` in the registry: Rollcall knows one machine so far, and says so where another one is named.
import { expect, test } from "vitest";
import { load, openFleet, registry, told } from "../../support/spec-fixture.ts";

async function warned(hosts: Readonly<Record<string, string>>, hostname: string): Promise<string[]> {
  const agents = Object.entries(hosts).map(([name, host]) => ({ name, lines: [`host: ${host}`] }));
  const project = openFleet({ "desired/registry.yaml": registry(...agents) });
  return (await load(project, { hostname })).diagnostics.map(told);
}

test("another machine is named once, at the first agent that is meant for it", async () => {
  expect(await warned({ a: "server", b: "laptop", c: "server", d: "server" }, "box.example.org")).toEqual([
    'desired/registry.yaml:8:11 W162 a and 2 more agents run on this machine (box.example.org), although host says "server"',
    'desired/registry.yaml:15:11 W162 b runs on this machine (box.example.org), although host says "laptop"',
  ]);
});

test("this machine's name, with or without its domain, and localhost are right as they are", async () => {
  expect(await warned({ a: "box", b: "Box", c: "localhost", d: "box.example.org" }, "box.example.org")).toEqual([]);
  expect(await warned({ a: "box" }, "box")).toEqual([]);
  expect(await warned({ a: "bo" }, "box")).toHaveLength(1);
});
