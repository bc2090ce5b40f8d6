// The test projects. `npm test` runs unit and scenario, `npm run test:all` all; `npx vitest --project unit` while working.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Most tests wait for processes they started: one worker per core, where vitest would leave one core free. */
const maxWorkers = availableParallelism();
const builtOnce = ["test/support/build-once.ts"];
/** A test that ends without having expected anything fails: it could not have failed otherwise. */
const strict = { expect: { requireAssertions: true } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...strict,
          name: "unit",
          include: [
            "test/{model,input,client,guard,kinds,engine,delta,ledger,host,report,app,cli,legacy,scripts}/**/*.test.ts",
          ],
          testTimeout: 20_000,
          maxWorkers,
        },
      },
      {
        test: {
          ...strict,
          name: "scenario",
          include: ["test/scenario/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers,
          globalSetup: builtOnce,
        },
      },
      // Thousands of calls in one process: `npm run fuzz` for long campaigns.
      {
        test: {
          ...strict,
          name: "fuzz",
          include: ["test/fuzz/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          maxWorkers,
          globalSetup: builtOnce,
        },
      },
      // Real tmux servers, after what only computes and two at a time: their waits are long, their work is short.
      {
        test: {
          ...strict,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          globalSetup: builtOnce,
        },
      },
      // The real client, fetched into .cache/ by a script of ours: 2 at a time, one test file after the other.
      {
        test: {
          ...strict,
          name: "client",
          include: ["test/real-client/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
          globalSetup: builtOnce,
        },
      },
      // Kills want the machine to themselves.
      {
        test: {
          ...strict,
          name: "chaos",
          include: ["test/chaos/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          globalSetup: builtOnce,
        },
      },
    ],
  },
});
