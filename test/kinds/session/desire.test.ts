// What sessions there shall be: fingerprints of desired contents, addresses, findings before anything starts.
import { expect, test } from "vitest";
import { check, desire } from "../../../src/kinds/session/desire.ts";
import type { Agent } from "../../../src/model/fleet.ts";
import { agentNamed, file, fleetOf, SESSION } from "../../support/session-fixture.ts";

const fleetWith = (...agents: Agent[]) => fleetOf({ root: "/fleet", socket: "s", agents });

function fingerprintOf(agent: Agent): string {
  return desire(agent, fleetWith(agent))[0]?.parts[""]?.digest ?? "";
}

const settings = (value: object) => [
  file(".claude/CLAUDE.md", "# planner\n"),
  file(".claude/settings.json", JSON.stringify(value)),
];

test("one session per enabled agent, recorded on this machine, after its files and its hook", () => {
  const agent = agentNamed("planner");
  const [one] = desire(agent, fleetWith(agent));
  expect(one).toMatchObject({
    address: "session/planner/main",
    at: "iw-planner",
    portable: false,
    onChange: "when-idle",
    needs: ["config/planner/.claude/CLAUDE.md", "config/planner/.claude/settings.json", "hook/planner/auto-deny"],
    parts: { "": { enforced: true } },
    props: { folder: "/fleet/agents/planner" },
  });
  expect(one).not.toHaveProperty("optional");
  expect(desire(agentNamed("planner", { enabled: false }), fleetWith())).toEqual([]);
});

test.each(["on-demand", "never"] as const)("start: %s may be absent", (start) => {
  const agent = agentNamed("planner", { session: { ...SESSION, start } });
  expect(desire(agent, fleetWith(agent))[0]?.optional).toBe(true);
});

test("the fingerprint leaves out what the client re-reads live, and the order of keys", () => {
  const plain = fingerprintOf(agentNamed("planner", { files: settings({ model: "opus", env: { A: "1" } }) }));
  const live = { env: { A: "1" }, hooks: { PreToolUse: [1] }, permissions: { deny: ["x"] }, model: "opus" };
  expect(fingerprintOf(agentNamed("planner", { files: settings(live) }))).toBe(plain);
});

test.each<[string, Partial<Agent>]>([
  ["CLAUDE.md", { files: [file(".claude/CLAUDE.md", "# other\n")] }],
  ["settings that are read at the start", { files: settings({ model: "opus" }) }],
  ["the command", { session: { ...SESSION, command: ["sleep", "1001"] } }],
  ["the size", { session: { ...SESSION, size: [80, 24] } }],
  ["a variable", { session: { ...SESSION, env: { A: "1" } } }],
  ["a variable of the agent's own", { env: { A: "1" } }],
])("the fingerprint moves with %s", (_what, change) => {
  expect(fingerprintOf(agentNamed("planner", change))).not.toBe(fingerprintOf(agentNamed("planner")));
});

test.each<[string, Partial<Agent>]>([
  ["the fallback, chosen at start", { session: { ...SESSION, fallback: ["sh"] } }],
  ["when it is restarted", { session: { ...SESSION, restart: "always", onChange: "never", parallel: 9 } }],
  ["a description", { description: "another" }],
  ["a file that is read when it is used", { files: [...agentNamed("planner").files, file("notes.txt", "x")] }],
])("the fingerprint does not move with %s", (_what, change) => {
  expect(fingerprintOf(agentNamed("planner", change))).toBe(fingerprintOf(agentNamed("planner")));
});

test("values of variables do not stand in what is desired", () => {
  const agent = agentNamed("planner", { session: { ...SESSION, env: { TOKEN: "hush" } }, env: { KEY: "hush too" } });
  expect(JSON.stringify(desire(agent, fleetWith(agent)))).not.toContain("hush");
});

test.each<[string, Partial<Agent>, string]>([
  ["a prefix that tmux would run", { session: { ...SESSION, prefix: "#(touch x)" } }, "E702"],
  ["a prefix that tmux would change", { session: { ...SESSION, prefix: "iw." } }, "E702"],
  ["a prefix that looks like an option", { session: { ...SESSION, prefix: "-x" } }, "E702"],
  ["an empty command", { session: { ...SESSION, command: [] } }, "E703"],
  ["a NUL in a command", { session: { ...SESSION, command: ["sleep", "1\0"] } }, "E703"],
  ["no size", { session: { ...SESSION, size: [0, 0] } }, "E703"],
  ["a variable without a name", { env: { "": "1" } }, "E704"],
  ["a variable that is none", { env: { "A=B": "1" } }, "E704"],
])("%s is an error before anything starts", (_what, change, code) => {
  const agent = agentNamed("planner", change);
  expect(check(agent, fleetWith(agent)).map((one) => one.code)).toEqual([code]);
});

test("a sound agent has no findings", () => {
  expect(check(agentNamed("planner"), fleetWith())).toEqual([]);
});

test("this machine's command beats the spec's; one with Liquid was rendered into the agent's before", () => {
  const agent = agentNamed("planner");
  const on = (sessionCommand: readonly string[]) => {
    const fleet = fleetWith(agent);
    return desire(agent, { ...fleet, machine: { ...fleet.machine, sessionCommand } })[0];
  };
  expect(on(["mine", "-x"])?.props.command).toEqual(["mine", "-x"]);
  expect(on(["mine", "-x"])?.parts[""]?.digest).not.toBe(fingerprintOf(agent));
  expect(on(["mine", "{{ agent.name }}"])?.props.command).toEqual(agent.session.command);
});
