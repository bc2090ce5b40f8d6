// What commands do with a session beside reconciling it: type, read, attach; and that a run inside one is refused.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { containsSelf } from "../../../src/kinds/session/apply/terminate.ts";
import { session } from "../../../src/kinds/session/index.ts";
import { processTable } from "../../../src/kinds/session/observe/processes.ts";
import { socketPath } from "../../../src/kinds/session/tmux/command.ts";
import type { Observed } from "../../../src/model/resource.ts";
import { SessionFixture, until } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

async function seen(name: string): Promise<Observed> {
  const found = (await fixture.plan()).judged.find(({ agent }) => agent === name)?.have;
  if (!found) throw new Error(`${name} was not looked at`);
  return found;
}

test("a text is typed as it is, one line or several, and the screen can be read", async () => {
  fixture = new SessionFixture(["planner"], {
    command: ["sh", "-c", "while read -r line; do printf '<%s>\\n' \"$line\" | tee -a heard; done"],
  });
  await fixture.apply();
  const have = await seen("planner");
  const horror = "it's $(id) `id`; #{pid} -x \\;";
  expect(await session.capabilities.attachable?.send(have, horror, fixture.fleet(), fixture.writer())).toBeNull();
  expect(
    await session.capabilities.attachable?.send(have, "first\nsecond;", fixture.fleet(), fixture.writer()),
  ).toBeNull();
  const heard = join(fixture.folder("planner"), "heard");
  await until("all was heard", () => existsSync(heard) && readFileSync(heard, "utf8").includes("second"));
  expect(readFileSync(heard, "utf8")).toBe(`<${horror}>\n<first>\n<second;>\n`);
  expect(await session.capabilities.attachable?.screen(have, 100, fixture.fleet(), fixture.reader())).toContain(
    `<${horror}>`,
  );
  fixture.tmux("kill-session", "-t", "=iw-planner");
  expect(await session.capabilities.attachable?.send(have, "x", fixture.fleet(), fixture.writer())).toMatchObject({
    code: "E714",
  });
  expect(await session.capabilities.attachable?.screen(have, 1, fixture.fleet(), fixture.reader())).toBeNull();
});

test("attaching goes to the fleet's socket by id, from inside another tmux as well", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  Object.assign(fixture.env, { TMUX: "/tmp/other,1,0", TMUX_TMPDIR: "/nowhere" });
  const { command = [], env = {} } =
    session.capabilities.attachable?.attach(await seen("planner"), fixture.fleet(), fixture.reader()) ?? {};
  const [program = "", ...words] = command;
  // Without a terminal tmux finds the session and then says what is missing.
  const result = spawnSync(program, words, { env });
  expect(result.stderr.toString()).toContain("open terminal failed");
  const path = socketPath(fixture.socket, fixture.reader().files);
  expect(fixture.tmux("display-message", "-p", "#{socket_path}")).toBe(path);
});

test("a process that runs below a session knows it, so that it does not end itself", () => {
  fixture = new SessionFixture([]);
  const table = processTable(fixture.reader().files);
  expect(containsSelf(process.ppid, table, fixture.writer())).toBe(true);
  expect(containsSelf(999_999_999, table, fixture.writer())).toBe(false);
});
