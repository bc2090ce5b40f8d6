// The life of sessions beyond one start: crash loops, and a server that outlives the unit that started it.
import { afterEach, expect, test } from "vitest";
import { session } from "../../../src/kinds/session/index.ts";
import { backoff, resetBackoff } from "../../../src/kinds/session/observe/crash-loop.ts";
import type { SessionSeen } from "../../../src/kinds/session/types.ts";
import type { FileRead, Writer } from "../../../src/model/world.ts";
import { SessionFixture } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

const address = (name: string) => `session/${name}/main`;

/** Puts earlier ends on the session's mark, as starts that failed one after the other leave them there. */
function withEarlierEnds(id: string, ends: readonly number[]): void {
  const mark = fixture.tmux("show-options", "-v", "-t", id, "@rollcall");
  fixture.tmux("set-option", "-t", id, "@rollcall", `${mark},x=${ends.join("+")}`);
}

test("five starts that end at once are a crash loop, also when the ledger never heard of one, until it is forgiven", async () => {
  fixture = new SessionFixture(["planner"], { command: ["sh", "-c", "exit 3"] });
  const healthNow = async () => {
    const [one] = (await fixture.plan()).judged;
    if (!one?.want || !one.have) throw new Error("nothing was judged");
    const seen = one.have.seen as SessionSeen;
    const record = fixture.ledger.kept.get(address("planner"));
    const now = Date.now() + 2_000;
    return {
      health: session.capabilities.monitored?.health(one.want, one.have, record).health,
      waits: backoff(record, seen, now).until > now,
      forgiven: backoff(resetBackoff(record ?? { parts: {}, portable: false, at: "" }, now - 1), seen, now),
    };
  };
  expect((await fixture.apply()).outcomes).toMatchObject([{ result: "failed", error: { code: "E707" } }]);
  expect(fixture.ledger.kept.get(address("planner"))).toBeUndefined();
  expect(await healthNow()).toMatchObject({ health: "exited", waits: false });

  const before = Date.now() - 60_000;
  withEarlierEnds(
    fixture.tmux("list-sessions", "-F", "#{session_id}"),
    [1, 2, 3, 4].map((nth) => before + nth * 1000),
  );
  expect(await healthNow()).toMatchObject({
    health: "crash-loop",
    waits: true,
    forgiven: { crashLoop: false, until: 0 },
  });
});

test("a person who applies starts afresh: the ends before that no longer count", async () => {
  fixture = new SessionFixture(["planner"], { command: ["sh", "-c", "exit 3"] });
  await fixture.apply();
  const before = Date.now() - 60_000;
  withEarlierEnds(
    fixture.tmux("list-sessions", "-F", "#{session_id}"),
    [1, 2, 3, 4].map((nth) => before + nth * 1000),
  );
  expect((await fixture.apply()).outcomes).toMatchObject([{ result: "failed", error: { code: "E707" } }]);
  const [one] = (await fixture.plan()).judged;
  if (!one?.want || !one.have) throw new Error("nothing was judged");
  expect(session.capabilities.monitored?.health(one.want, one.have, undefined).health).toBe("exited");
});

/** A world in which this process is part of a unit of systemd that ends what it started. */
function insideUnit(): Writer {
  const world = fixture.writer();
  const { facts, read } = world.files;
  const folder = facts("/tmp");
  const cgroup = Buffer.from("0::/system.slice/rollcall.service\n");
  const files = {
    ...world.files,
    facts: (path: string) => (path === "/run/systemd/system" ? folder : facts(path)),
    read: (path: string, options?: { readonly limit?: number }): FileRead => {
      const real = read(path, options);
      return path === "/proc/self/cgroup" && real.state === "file" ? { ...real, bytes: cgroup } : real;
    },
  };
  return { ...world, files };
}

test.each([
  ["takes it", 'echo "$@" > "${0%/*}/asked"; shift 3; exec "$@"'],
  ["cannot be asked", 'echo "$@" > "${0%/*}/asked"; echo "Failed to connect to bus: No such file" >&2; exit 1'],
])("inside a unit of systemd the server is started in a scope of its own; one that %s", async (_what, text) => {
  fixture = new SessionFixture(["planner"]);
  fixture.program("systemd-run", `#!/bin/sh\n${text}\n`);
  fixture.env["PATH"] = fixture.sessionPath;
  const fleet = fixture.fleet();
  const wants = fleet.agents.flatMap((agent) => session.desire(agent, fleet));
  const results: string[] = [];
  const jobs = wants.map((want) => ({ want, have: undefined, record: undefined, write: [""], drop: [] }));
  await session.put(jobs, fleet, insideUnit(), ({ result }) => results.push(result));
  expect(results).toEqual(["done"]);
  expect(fixture.read("bin/asked")).toMatch(/^(--user )?--scope --quiet --collect .*tmux -u -L/);
});
