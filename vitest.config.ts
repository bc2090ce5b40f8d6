// The test projects. `npm test` runs all; `npx vitest --project unit` while working.
import { defineConfig } from "vitest/config";

const builtOnce = ["test/build-once.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "test/{model,config,spec,template,kinds,engine,delta,ledger,host,report,commands,scripts}/**/*.test.ts",
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "scenario",
          include: ["test/scenario/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          globalSetup: builtOnce,
        },
      },
      // Real tmux servers and real kills want the machine to themselves: one at a time, after the others.
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          globalSetup: builtOnce,
        },
      },
      // The real client, fetched into .cache/ by a script of ours: 2 at a time, one test file.
      {
        test: {
          name: "client",
          include: ["test/client/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
          globalSetup: builtOnce,
        },
      },
      {
        test: {
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
