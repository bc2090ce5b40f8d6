// What commands do with a session beside reconciling it: list, type, read, attach; and that a run inside one is refused.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { holdsUs } from "../../../src/kinds/session/ending.ts";
import { processTable } from "../../../src/kinds/session/processes.ts";
import {
  attachCommand,
  attachEnvironment,
  listSessions,
  readScreen,
  sendText,
  socketPath,
} from "../../../src/kinds/session/terminal.ts";
import { until, Workshop } from "../../kinds/session/workshop.ts";

let shop: Workshop;
afterEach(() => shop.close());

async function paneOf(name: string): Promise<string> {
  const listing = await listSessions(shop.fleet(), shop.reader());
  const found = listing.state === "listed" ? listing.sessions.find(({ agent }) => agent === name) : undefined;
  return found?.pane ?? "";
}

test("only our sessions are listed, by their names, and a dead one says so", async () => {
  shop = new Workshop(["writer", "planner"]);
  shop.agents = shop.agents.map((agent) =>
    agent.name === "writer" ? { ...agent, session: { ...agent.session, command: ["sh", "-c", "read line"] } } : agent,
  );
  await shop.apply();
  shop.tmux("new-session", "-d", "-s", "private", "sleep 1000");
  shop.tmux("send-keys", "-t", "=iw-writer:", "Enter");
  await until("it ended", () => shop.tmux("list-panes", "-t", "=iw-writer", "-F", "#{pane_dead}") === "1");
  expect(await listSessions(shop.fleet(), shop.reader())).toMatchObject({
    state: "listed",
    sessions: [
      { agent: "planner", name: "iw-planner", attached: false, ended: false },
      { agent: "writer", name: "iw-writer", attached: false, ended: true },
    ],
  });
});

test("a text is typed as it is, one line or several, and the screen can be read", async () => {
  shop = new Workshop(["planner"], {
    command: ["sh", "-c", "while read -r line; do printf '<%s>\\n' \"$line\" | tee -a heard; done"],
  });
  await shop.apply();
  const pane = await paneOf("planner");
  const horror = "it's $(id) `id`; #{pid} -x \\;";
  expect(await sendText({ pane, text: horror }, shop.fleet(), shop.writer())).toBeNull();
  expect(await sendText({ pane, text: "first\nsecond;" }, shop.fleet(), shop.writer())).toBeNull();
  const heard = join(shop.folder("planner"), "heard");
  await until("all was heard", () => existsSync(heard) && readFileSync(heard, "utf8").includes("second"));
  expect(readFileSync(heard, "utf8")).toBe(`<${horror}>\n<first>\n<second;>\n`);
  expect(await readScreen({ pane, lines: 100 }, shop.fleet(), shop.reader())).toContain(`<${horror}>`);
  expect(await sendText({ pane: "%99", text: "x" }, shop.fleet(), shop.writer())).toMatchObject({ code: "E714" });
});

test("attaching goes to the fleet's socket by id, from inside another tmux as well", async () => {
  shop = new Workshop(["planner"]);
  await shop.apply();
  const env = attachEnvironment({ ...shop.env, TMUX: "/tmp/other,1,0", TMUX_TMPDIR: "/nowhere" });
  const [program = "", ...words] = attachCommand(shop.fleet(), { id: "$0" });
  // Without a terminal tmux finds the session and then says what is missing.
  const result = spawnSync(program, words, { env });
  expect(result.stderr.toString()).toContain("open terminal failed");
  const path = socketPath(shop.socket, shop.reader().files);
  expect(shop.tmux("display-message", "-p", "#{socket_path}")).toBe(path);
});

test("a process that runs below a session knows it, so that it does not end itself", () => {
  shop = new Workshop([]);
  const table = processTable(shop.reader().files);
  expect(holdsUs(process.ppid, table, shop.writer())).toBe(true);
  expect(holdsUs(999_999_999, table, shop.writer())).toBe(false);
});
