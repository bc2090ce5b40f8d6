// What a session was really started from: its mark says so, and nothing that is done to the files afterwards changes it.
import { mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { session } from "../../../src/kinds/session/index.ts";
import type { Agent, RenderedFile } from "../../../src/model/fleet.ts";
import { agentNamed, file, SessionFixture, until } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

const MEMORY = ".claude/CLAUDE.md";
const SETTINGS = ".claude/settings.json";

function write(target: string, text: string): void {
  mkdirSync(join(fixture.folder("planner"), ".claude"), { recursive: true });
  writeFileSync(join(fixture.folder("planner"), target), text);
}

async function notes(): Promise<readonly string[]> {
  const [judged] = (await fixture.plan()).judged;
  const { want, have, record } = judged ?? {};
  return session.capabilities.monitored?.health(want as never, have as never, record).notes ?? [];
}

const reasons = async () => (await fixture.plan()).plan.actions.map(({ verdict, reason }) => [verdict, reason]);

test("tampering with a file and healing it restarts nothing", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  const pid = fixture.pid("iw-planner");
  write(MEMORY, "# Mine\n");
  write(SETTINGS, "{}");
  expect([await reasons(), await notes()]).toEqual([[], []]);
  expect((await fixture.apply()).outcomes).toEqual([]);
  expect(fixture.pid("iw-planner")).toBe(pid);
});

test("a session that was started from disputed bytes is never in sync, also when the file is put right", async () => {
  fixture = new SessionFixture(["planner"]);
  fixture.layFiles();
  write(MEMORY, "# Mine\n");
  const run = await fixture.applyAsItLies();
  expect(run).toMatchObject({ outcomes: [{ action: "create", result: "done" }], converged: false });
  expect(await notes()).toEqual(["stale: CLAUDE.md"]);
  fixture.layFiles();
  expect(await reasons()).toEqual([["pending", "started before these changed: CLAUDE.md"]]);
  expect(await notes()).toEqual(["stale: CLAUDE.md"]);
  const pid = fixture.pid("iw-planner");
  expect((await fixture.apply()).converged).toBe(true);
  expect(fixture.pid("iw-planner")).not.toBe(pid);
  expect(await notes()).toEqual([]);
});

test("on_change never leaves such a session alone, with a note and without a difference", async () => {
  fixture = new SessionFixture(["planner"], { onChange: "never" });
  fixture.layFiles();
  write(SETTINGS, '{"model":"haiku"}');
  await fixture.applyAsItLies();
  fixture.layFiles();
  expect([await reasons(), await notes()]).toEqual([[], ["stale: settings"]]);
});

const keys = (text: string): RenderedFile => ({ ...file(SETTINGS, text), merge: "keys" });
const block = (text: string): RenderedFile => ({ ...file(MEMORY, text), merge: "block" });
const BLOCK = "<!-- rollcall:begin -->\nOurs\n<!-- rollcall:end -->\n";

test.each<[string, readonly RenderedFile[], string, string, boolean]>([
  ["a person's text around our block", [block("Ours")], MEMORY, `# Mine\n${BLOCK}More\n`, true],
  ["another text in our block", [block("Ours")], MEMORY, BLOCK.replace("Ours", "Theirs"), false],
  ["a memory without our block", [block("Ours")], MEMORY, "# Mine\n", false],
  ["foreign keys, and another order", [keys('{"model":"opus"}')], SETTINGS, '{ "theme": 1, "model": "opus" }\n', true],
  ["another value of a key of ours", [keys('{"env":{"A":"1"}}')], SETTINGS, '{"env":{"A":"2"}}', false],
  ["keys that are read live", [keys('{"permissions":{"deny":["x"]},"hooks":{"a":[]}}')], SETTINGS, "{}", true],
  ["settings the client cannot read", [keys('{"model":"opus"}')], SETTINGS, '{ // mine\n "model": "opus" }', false],
  ["a file of other bytes", [file(MEMORY, "# Ours\n")], MEMORY, "# Ours\r\n", false],
])("what counts is what is ours: %s", async (_what, files, target, text, same) => {
  fixture = new SessionFixture([]);
  mkdirSync(fixture.folder("planner"));
  fixture.agents = [agentNamed("planner", { files: [...files] })];
  write(target, text);
  expect((await fixture.applyAsItLies()).converged).toBe(same);
});

test("a file that is not there was not loaded", async () => {
  fixture = new SessionFixture(["planner"]);
  fixture.layFiles();
  rmSync(join(fixture.folder("planner"), MEMORY));
  expect((await fixture.applyAsItLies()).converged).toBe(false);
  expect(await notes()).toEqual(["stale: CLAUDE.md"]);
});

test("a process that somebody else started in our pane is drift: what it read is not known", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  fixture.tmux("respawn-pane", "-k", "-t", "=iw-planner:", "-c", fixture.folder("planner"), "sleep", "1000");
  const pid = fixture.pid("iw-planner");
  await until("it is in its folder", () => readlinkSync(`/proc/${pid}/cwd`) === fixture.folder("planner"));
  expect(await reasons()).toEqual([["tampered", "its process was restarted by something else"]]);
  expect(await notes()).toEqual(["stale: restarted by hand"]);
  expect((await fixture.apply()).converged).toBe(true);
  expect([await reasons(), await notes()]).toEqual([[], []]);
  expect(fixture.pid("iw-planner")).not.toBe(pid);
});

test("adopting a session takes what lies there for what it was started from", async () => {
  fixture = new SessionFixture(["planner"]);
  write(MEMORY, "# Mine\n");
  fixture.tmux("new-session", "-d", "-s", "iw-planner", "-c", fixture.folder("planner"), "sleep", "1000");
  const [judged] = (await fixture.plan()).judged;
  const settled = await session.capabilities.markable?.mark(
    judged?.want as never,
    judged?.have as never,
    fixture.fleet(),
    fixture.writer(),
  );
  expect(settled).toMatchObject({ result: "done" });
  expect(await notes()).toEqual(["stale: CLAUDE.md, settings"]);
});

/** The mark as 0.1 wrote it: no version, and the fingerprint of whole rendered files. */
async function markAs01(agent: Agent): Promise<void> {
  const { componentsOf01 } = await import("../../../src/kinds/session/fingerprint-v1.ts");
  const { fingerprint } = await import("../../../src/kinds/session/fingerprint.ts");
  const made = componentsOf01(agent, fixture.fleet());
  const [fleetId, name, , conversation, start = ""] = fixture
    .tmux("show-options", "-v", "-t", "=iw-planner:", "@rollcall")
    .split(":");
  const fields = start.split(",").filter((one) => /^[tpn]=/.test(one));
  const parts = Object.entries(made).map(([key, digest]) => `${key}=${digest}`);
  const text = [fleetId, name, fingerprint(made), conversation, [...fields, ...parts].join(",")].join(":");
  fixture.tmux("set-option", "-t", "=iw-planner:", "@rollcall", text);
}

test("a mark of 0.1 is compared as 0.1 did: equal is a note, other is pending", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  const [agent] = fixture.agents;
  if (!agent) return expect.fail("no agent");
  await markAs01(agent);
  expect([await reasons(), await notes()]).toEqual([[], ["started before 0.2"]]);
  expect((await fixture.apply()).outcomes).toEqual([]);
  fixture.agents = [{ ...agent, files: [file(MEMORY, "# other\n"), ...agent.files.slice(1)] }];
  expect(await reasons()).toEqual([["pending", "started before these changed: CLAUDE.md"]]);
  expect(await notes()).toEqual(["stale: CLAUDE.md"]);
  expect((await fixture.apply()).converged).toBe(true);
  expect(await notes()).toEqual([]);
  expect(readFileSync(join(fixture.folder("planner"), MEMORY), "utf8")).toBe("# other\n");
});
