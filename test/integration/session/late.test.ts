// What happens to the tmux server between the plan and the act: noticed before anything is ended or started.
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { runs, SessionFixture, until } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

const address = (name: string) => `session/${name}/main`;
const socketPath = () => `/tmp/tmux-${process.getuid?.()}/${fixture.socket}`;

/** The pid of the server, which is made reachable again at the end, so that it can be ended. */
function server(): number {
  const pid = Number(fixture.tmux("display-message", "-p", "#{pid}"));
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, "SIGKILL");
  });
  return pid;
}

const change = (name: string) => {
  fixture.agents = fixture.agents.map((one) => (one.name === name ? { ...one, env: { CHANGED: "yes" } } : one));
};

test("the socket is lost: nothing is started beside the living, nothing is ended", async () => {
  fixture = new SessionFixture(["planner", "writer"]);
  await fixture.apply();
  const pid = server();
  const writer = fixture.pid("iw-writer");
  fixture.tmux("kill-session", "-t", "=iw-planner");
  const run = await fixture.applyAfter(() => rmSync(socketPath()));
  const gone = `the tmux server (pid ${pid}) runs, but its socket ${socketPath()} is gone`;
  expect(run.outcomes).toMatchObject([{ result: "blocked", error: { message: gone } }]);
  expect(run.remaining.blocked).toMatchObject([{ reason: gone }, { reason: gone }]);
  expect([runs(pid), runs(writer), fixture.names()]).toEqual([true, true, []]);
});

test("the socket is lost before a session is pruned: it stays, and so does its record", async () => {
  fixture = new SessionFixture(["planner", "writer"]);
  await fixture.apply();
  const pid = server();
  const writer = fixture.pid("iw-writer");
  fixture.agents = fixture.agents.filter(({ name }) => name !== "writer");
  const run = await fixture.applyAfter(() => rmSync(socketPath()), { prune: true, force: true });
  expect(run.outcomes).toMatchObject([{ action: "delete", result: "blocked" }]);
  expect([runs(pid), runs(writer), fixture.ledger.kept.has(address("writer"))]).toEqual([true, true, true]);
});

test("the server is killed, and a process outlives it that the plan saw in its pane: it is not ended unasked", async () => {
  fixture = new SessionFixture(["planner"], {
    command: ["sh", "-c", "trap '' HUP; exec sleep 1000"],
    onChange: "always",
  });
  await fixture.apply();
  const pid = fixture.pid("iw-planner");
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, "SIGKILL");
  });
  await until("it ignores the hang-up", () =>
    /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
  );
  const killed = server();
  change("planner");
  const run = await fixture.applyAfter(async () => {
    process.kill(killed, "SIGKILL");
    await until("the server is gone", () => !runs(killed));
  });
  expect(run.outcomes).toMatchObject([
    { result: "blocked", error: { message: expect.stringContaining(`its process (pid ${pid}) still runs`) } },
  ]);
  expect([runs(pid), fixture.names()]).toEqual([true, []]);
});

test("a control-mode client attaches: the pane is not respawned under it", async () => {
  fixture = new SessionFixture(["planner"]);
  await fixture.apply();
  const pane = fixture.tmux("list-panes", "-a", "-F", "#{pane_id}");
  change("planner");
  const run = await fixture.applyAfter(async () => {
    const words = ["-L", fixture.socket, "-f", "/dev/null", "-C", "attach-session", "-t", "=iw-planner"];
    const client = spawn("tmux", words, {
      env: { PATH: process.env["PATH"] ?? "" },
      stdio: ["pipe", "pipe", "ignore"],
    });
    client.stdout.resume();
    onTestFinished(() => void client.kill("SIGKILL"));
    await until("it is attached", () => fixture.tmux("list-clients", "-F", "#{client_control_mode}") === "1");
  });
  expect(run.outcomes).toMatchObject([{ result: "done" }]);
  expect(fixture.tmux("list-panes", "-a", "-F", "#{session_name} #{pane_dead}")).toBe("iw-planner 0");
  expect(fixture.tmux("list-panes", "-a", "-F", "#{pane_id}")).not.toBe(pane);

  const variables = () => readFileSync(`/proc/${fixture.pid("iw-planner")}/environ`, "utf8").split("\0");
  expect(variables()).toContain("CHANGED=yes");
  fixture.agents = fixture.agents.map((one) => ({ ...one, env: {} }));
  expect((await fixture.apply({ force: true })).outcomes).toMatchObject([{ result: "done" }]);
  expect(variables().filter((one) => one.startsWith("CHANGED="))).toEqual([]);
});
