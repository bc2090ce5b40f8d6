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
import { until, Workshop } from "../../support/session-fixture.ts";

let shop: Workshop;
afterEach(() => shop.close());

async function seen(name: string): Promise<Observed> {
  const found = (await shop.plan()).judged.find(({ agent }) => agent === name)?.have;
  if (!found) throw new Error(`${name} was not looked at`);
  return found;
}

test("a text is typed as it is, one line or several, and the screen can be read", async () => {
  shop = new Workshop(["planner"], {
    command: ["sh", "-c", "while read -r line; do printf '<%s>\\n' \"$line\" | tee -a heard; done"],
  });
  await shop.apply();
  const have = await seen("planner");
  const horror = "it's $(id) `id`; #{pid} -x \\;";
  expect(await session.capabilities.attachable?.send(have, horror, shop.fleet(), shop.writer())).toBeNull();
  expect(await session.capabilities.attachable?.send(have, "first\nsecond;", shop.fleet(), shop.writer())).toBeNull();
  const heard = join(shop.folder("planner"), "heard");
  await until("all was heard", () => existsSync(heard) && readFileSync(heard, "utf8").includes("second"));
  expect(readFileSync(heard, "utf8")).toBe(`<${horror}>\n<first>\n<second;>\n`);
  expect(await session.capabilities.attachable?.screen(have, 100, shop.fleet(), shop.reader())).toContain(
    `<${horror}>`,
  );
  shop.tmux("kill-session", "-t", "=iw-planner");
  expect(await session.capabilities.attachable?.send(have, "x", shop.fleet(), shop.writer())).toMatchObject({
    code: "E714",
  });
  expect(await session.capabilities.attachable?.screen(have, 1, shop.fleet(), shop.reader())).toBeNull();
});

test("attaching goes to the fleet's socket by id, from inside another tmux as well", async () => {
  shop = new Workshop(["planner"]);
  await shop.apply();
  Object.assign(shop.env, { TMUX: "/tmp/other,1,0", TMUX_TMPDIR: "/nowhere" });
  const { command = [], env = {} } =
    session.capabilities.attachable?.attach(await seen("planner"), shop.fleet(), shop.reader()) ?? {};
  const [program = "", ...words] = command;
  // Without a terminal tmux finds the session and then says what is missing.
  const result = spawnSync(program, words, { env });
  expect(result.stderr.toString()).toContain("open terminal failed");
  const path = socketPath(shop.socket, shop.reader().files);
  expect(shop.tmux("display-message", "-p", "#{socket_path}")).toBe(path);
});

test("a process that runs below a session knows it, so that it does not end itself", () => {
  shop = new Workshop([]);
  const table = processTable(shop.reader().files);
  expect(containsSelf(process.ppid, table, shop.writer())).toBe(true);
  expect(containsSelf(999_999_999, table, shop.writer())).toBe(false);
});
