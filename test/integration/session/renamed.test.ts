// A renamed agent on a real tmux: its session is renamed by id and marked anew; its process goes on.
import { afterEach, expect, test } from "vitest";
import { agentNamed, Workshop } from "../../support/session-fixture.ts";

let shop: Workshop;
afterEach(() => shop.close());

test("a renamed agent keeps its process, its conversation's folder and its record", async () => {
  shop = new Workshop(["pilot", "writer"]);
  await shop.apply();
  const [pid, id] = [shop.pid("iw-pilot"), shop.tmux("display-message", "-p", "-t", "=iw-pilot:", "#{session_id}")];
  const [pilot, writer] = shop.agents;
  if (!pilot || !writer) throw new Error("two agents were made");
  shop.agents = [{ ...pilot, name: "harbour-pilot", renamedFrom: "pilot" }, writer];

  const { plan } = await shop.plan();
  expect(plan.actions).toMatchObject([{ address: "session/harbour-pilot/main", action: "update" }]);
  expect(plan.orphans).toEqual([]);
  expect((await shop.apply()).converged).toBe(true);
  expect(shop.pid("iw-harbour-pilot")).toBe(pid);
  expect(shop.tmux("display-message", "-p", "-t", "=iw-harbour-pilot:", "#{session_id}")).toBe(id);
  expect((await shop.plan()).plan.actions).toEqual([]);

  // The field may go once that is done: the mark says the new name now.
  shop.agents = [{ ...pilot, name: "harbour-pilot" }, writer];
  expect((await shop.plan()).plan).toMatchObject({ actions: [], orphans: [], blocked: [] });
});

test("renamed and changed at once, one apply does both", async () => {
  shop = new Workshop(["pilot"]);
  await shop.apply();
  const [pilot] = shop.agents;
  if (!pilot) throw new Error("an agent was made");
  shop.agents = [
    {
      ...pilot,
      ...agentNamed("harbour-pilot"),
      dir: pilot.dir,
      renamedFrom: "pilot",
      session: { ...pilot.session, size: [100, 30] },
    },
  ];
  const run = await shop.apply();
  expect(run.converged).toBe(true);
  expect(shop.tmux("list-sessions", "-F", "#{session_name}")).toBe("iw-harbour-pilot");
});
