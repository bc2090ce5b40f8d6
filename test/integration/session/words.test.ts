// What a session is started with arrives as it was written: words, folders, variables, whatever calls us.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { agentNamed, SessionFixture, until } from "../../support/session-fixture.ts";

let shop: SessionFixture;
afterEach(() => shop.close());

const address = (name: string) => `session/${name}/main`;

test("every word of a command arrives as it was written, and nothing in it is run", async () => {
  const horrors = [
    "a b",
    "",
    "it's",
    '"q"',
    "$(id)",
    "`id`",
    ";",
    "x;",
    "\\;",
    "#(touch pwned)",
    "#{pid}",
    "~",
    "%if",
    "#",
    "{",
    "}",
    "a\\",
    "line\nbreak",
    "end\\\nnext",
    "tab\there",
    "é✳",
    "-dash",
    "--",
    "*",
    "$HOME",
    "\u0007bell",
    "\u001b[31m",
    "\r",
    "\u007f",
  ];
  shop = new SessionFixture(["planner"]);
  const script =
    "const fs=require('fs');fs.writeFileSync('words.json',JSON.stringify([process.argv.slice(1),process.env.SECRET]));setTimeout(()=>{},1e6)";
  const command = [process.execPath, "-e", script, "--", ...horrors];
  const secret = horrors.join("|");
  shop.agents = shop.agents.map((agent) => ({
    ...agent,
    files: [],
    session: { ...agent.session, command, env: { SECRET: secret } },
  }));
  expect((await shop.apply()).outcomes).toMatchObject([{ result: "done" }]);
  const written = join(shop.folder("planner"), "words.json");
  await until("it wrote what it got", () => existsSync(written) && readFileSync(written, "utf8").endsWith("]"));
  expect(JSON.parse(readFileSync(written, "utf8"))).toEqual([horrors, secret]);
  expect(readdirSync(shop.folder("planner"))).toEqual(["words.json"]);
  expect((await shop.apply()).outcomes).toEqual([]);
});

test("a folder with signs that tmux would expand is taken as it is", async () => {
  shop = new SessionFixture([]);
  const dir = "od#(touch pwned)d %Y #{pid} 'x'";
  mkdirSync(shop.folder(dir));
  shop.agents = [agentNamed("planner", { dir, files: [] })];
  expect((await shop.apply()).converged).toBe(true);
  expect(readdirSync(shop.folder(dir))).toEqual([]);
  expect(existsSync("/pwned")).toBe(false);
});

test("a command of one word is the pane's own process, with no shell in between", async () => {
  shop = new SessionFixture(["planner"], { command: ["waiter"] });
  shop.program("waiter", "#!/bin/sh\nexec sleep 1000\n");
  await shop.apply();
  const running = (): string => readFileSync(`/proc/${shop.pid("iw-planner")}/comm`, "utf8");
  await until("the program runs", () => running() === "sleep\n");
  expect(running()).toBe("sleep\n");
});

test("values of variables are in no argument list and in no plan", async () => {
  shop = new SessionFixture(["planner"], { env: { TOKEN: "env:MY_TOKEN", KEY: "file:key.txt" } });
  shop.env["MY_TOKEN"] = "hush-1";
  writeFileSync(join(shop.root, "key.txt"), "hush-2\n");
  const run = await shop.apply();
  const environ = readFileSync(`/proc/${shop.pid("iw-planner")}/environ`, "utf8").split("\0");
  expect(environ).toContain("TOKEN=hush-1");
  expect(environ).toContain("KEY=hush-2");
  const server = shop.tmux("display-message", "-p", "#{pid}");
  expect(readFileSync(`/proc/${server}/cmdline`, "utf8")).not.toContain("hush");
  expect(JSON.stringify([run, ...shop.ledger.kept.values()])).not.toContain("hush");
  expect(shop.tmux("show-options", "-t", "=iw-planner:")).not.toContain("hush");
});

test("a reference that leads nowhere fails that session and no other", async () => {
  shop = new SessionFixture(["planner", "writer"]);
  shop.agents = shop.agents.map((agent) =>
    agent.name === "planner" ? { ...agent, env: { TOKEN: "env:NOT_SET" } } : agent,
  );
  const run = await shop.apply();
  expect(run.outcomes).toMatchObject([
    { address: address("planner"), result: "failed", error: { code: "E708" } },
    { address: address("writer"), result: "done" },
  ]);
});

test("sessions get a clean environment, whatever called us", async () => {
  shop = new SessionFixture(["planner"]);
  Object.assign(shop.env, {
    CLAUDECODE: "1",
    CLAUDE_CODE_SESSION_ID: "x",
    TMUX: "/tmp/other,1,0",
    TMUX_PANE: "%9",
    LANG: "C",
  });
  await shop.apply();
  const names = readFileSync(`/proc/${shop.pid("iw-planner")}/environ`, "utf8")
    .split("\0")
    .map((entry) => entry.split("=")[0]);
  expect(names.filter((name) => name?.startsWith("CLAUDE"))).toEqual([]);
  expect(names).toContain("LANG");
  expect(shop.tmux("display-message", "-p", "-t", "=iw-planner:", "#{pane_current_path}")).toBe(shop.folder("planner"));
});

test.each([
  ["inside another tmux", { TMUX: "/tmp/tmux-0/default,1,0", TMUX_PANE: "%0", TMUX_TMPDIR: "/nowhere" }],
  ["without TERM, HOME and locale", { TERM: undefined, HOME: undefined, LC_ALL: "C" }],
])("it works the same %s", async (_story, change) => {
  shop = new SessionFixture(["planner", "writer"]);
  const env = Object.fromEntries(Object.entries({ ...shop.env, ...change }).filter(([, value]) => value !== undefined));
  shop.env = env as Record<string, string>;
  expect((await shop.apply()).converged).toBe(true);
  expect((await shop.apply()).outcomes).toEqual([]);
  expect(shop.names()).toEqual(["iw-planner", "iw-writer"]);
});
