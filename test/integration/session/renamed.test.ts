// A renamed agent on a real tmux: its session is renamed by id and marked anew; its process goes on.
import { afterEach, expect, test } from "vitest";
import { agentNamed, SessionFixture } from "../../support/session-fixture.ts";

let fixture: SessionFixture;
afterEach(() => fixture.close());

test("a renamed agent keeps its process, its conversation's folder and its record", async () => {
  fixture = new SessionFixture(["pilot", "writer"]);
  await fixture.apply();
  const [pid, id] = [
    fixture.pid("iw-pilot"),
    fixture.tmux("display-message", "-p", "-t", "=iw-pilot:", "#{session_id}"),
  ];
  const [pilot, writer] = fixture.agents;
  if (!pilot || !writer) throw new Error("two agents were made");
  fixture.agents = [{ ...pilot, name: "harbour-pilot", renamedFrom: "pilot" }, writer];

  const { plan } = await fixture.plan();
  expect(plan.actions).toMatchObject([{ address: "session/harbour-pilot/main", action: "update" }]);
  expect(plan.orphans).toEqual([]);
  expect((await fixture.apply()).converged).toBe(true);
  expect(fixture.pid("iw-harbour-pilot")).toBe(pid);
  expect(fixture.tmux("display-message", "-p", "-t", "=iw-harbour-pilot:", "#{session_id}")).toBe(id);
  expect((await fixture.plan()).plan.actions).toEqual([]);

  // The field may go once that is done: the mark says the new name now.
  fixture.agents = [{ ...pilot, name: "harbour-pilot" }, writer];
  expect((await fixture.plan()).plan).toMatchObject({ actions: [], orphans: [], blocked: [] });
});

test("renamed and changed at once, one apply does both", async () => {
  fixture = new SessionFixture(["pilot"]);
  await fixture.apply();
  const [pilot] = fixture.agents;
  if (!pilot) throw new Error("an agent was made");
  fixture.agents = [
    {
      ...pilot,
      ...agentNamed("harbour-pilot"),
      dir: pilot.dir,
      renamedFrom: "pilot",
      session: { ...pilot.session, size: [100, 30] },
    },
  ];
  const run = await fixture.apply();
  expect(run.converged).toBe(true);
  expect(fixture.tmux("list-sessions", "-F", "#{session_name}")).toBe("iw-harbour-pilot");
});
