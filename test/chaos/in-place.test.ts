// The client edits co-owned settings in place, before, between and during applies: nothing of it is lost, all converges.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { type InProcessFixture, inProcessAt } from "../support/in-process-fixture.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { type Chance, campaignSeed, chanceFrom } from "../support/seeded-random.ts";

/** A thousand in the long form, `npm run in-place`. */
const ROUNDS = process.env["ROLLCALL_CHAOS"] === "long" ? 1000 : 40;

const SETTINGS = ["settings.json", "settings.local.json"].map((name) => `agents/beacon/.claude/${name}`);

interface Truth {
  readonly edits: number;
  readonly truth: readonly {
    readonly path: string;
    readonly keys: Readonly<Record<string, unknown>>;
    readonly removed: readonly string[];
    readonly allowed: readonly string[];
  }[];
}

interface Client {
  go(pauseMs: number): void;
  stop(): Promise<Truth>;
}

function startClient(project: Project): Client {
  const program = fileURLToPath(new URL("../support/client-in-place.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, ...SETTINGS.map(project.path)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    go: (pauseMs) => void child.stdin.write(`go ${pauseMs}\n`),
    async stop() {
      child.stdin.write("stop\n");
      const { value } = await lines.next();
      if (value === undefined)
        throw new Error(`the client ended with ${child.exitCode}: it could not read its settings`);
      return JSON.parse(value) as Truth;
    },
  };
}

/** What the registry wants this round: the model is in one file, the closed paths are in the other. */
function wishIn(project: Project, round: number): void {
  const closed = JSON.stringify(["frontend/**", `round-${round}/**`]);
  const model = ["opus", "haiku", "sonnet"][round % 3] ?? "opus";
  project.write("desired/registry.yaml", registryText([{ name: "beacon", model, more: [`cannot_access: ${closed}`] }]));
}

function expectNothingLost({ truth }: Truth, label: string, project: Project): void {
  for (const { path, keys, removed, allowed } of truth) {
    const settings = JSON.parse(project.read(path.slice(project.root.length + 1)));
    const theirs = Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith("client-")));
    expect(theirs, `${label}: ${path}`).toEqual(keys);
    expect(
      removed.filter((key) => key in settings),
      `${label}: came back in ${path}`,
    ).toEqual([]);
    expect(settings.permissions?.allow ?? [], `${label}: ${path}`).toEqual(expect.arrayContaining([...allowed]));
  }
}

interface Tally {
  applies: number;
  /** Applies during which the client wrote that had to give way, or were overtaken. */
  again: number;
}

/** One apply while the client writes, or several; then, when it is quiet, as many as it takes: two at most. */
async function round(fixture: InProcessFixture, client: Client, chance: Chance, tally: Tally): Promise<Truth> {
  client.go(chance.pick([0, 1, 3, 10, 25, 60]));
  for (let count = chance.pick([1, 1, 2]); count > 0; count--) {
    const { code, outcomes } = await fixture.apply();
    tally.applies++;
    if (code !== 0) tally.again++;
    expect(outcomes.filter(({ result }) => result === "failed")).toEqual([]);
  }
  return client.stop();
}

test(`${ROUNDS} rounds of a client that writes in place`, { timeout: 60_000 + ROUNDS * 10_000 }, async () => {
  const seed = campaignSeed();
  console.log(`in-place seed ${seed}: repeat with ROLLCALL_CHAOS_SEED=${seed}`);
  const chance = chanceFrom(seed);
  const project = openProject({ files: fleetFiles({ agents: [{ name: "beacon" }] }) });
  const fixture = inProcessAt(project);
  expect((await fixture.apply()).code).toBe(0);
  const client = startClient(project);
  const tally: Tally = { applies: 0, again: 0 };
  let edits = 0;
  for (let at = 1; at <= ROUNDS; at++) {
    const label = `seed ${seed}, round ${at}`;
    wishIn(project, at);
    const told = await round(fixture, client, chance, tally);
    edits = told.edits;
    expectNothingLost(told, `${label}, as the client stopped`, project);
    let last = await fixture.apply();
    if (!last.converged) last = await fixture.apply();
    expect(last, label).toMatchObject({ code: 0, converged: true });
    expectNothingLost(told, label, project);
    expect((await fixture.plan()).actions, label).toEqual([]);
  }
  console.log(
    `${ROUNDS} rounds: ${edits} edits in place, ${tally.applies} applies beside them, ${tally.again} of those overtaken`,
  );
  expect(edits).toBeGreaterThan(ROUNDS);
});
