import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/{model,config,spec,template,kinds,engine,delta,ledger,host,report,commands}/**/*.test.ts"], testTimeout: 20_000 } },
      { test: { name: "scenario", include: ["test/scenario/**/*.test.ts"], testTimeout: 120_000, globalSetup: ["test/build-once.ts"] } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], testTimeout: 120_000, maxWorkers: 1, globalSetup: ["test/build-once.ts"] } },
      { test: { name: "chaos", include: ["test/chaos/**/*.test.ts"], testTimeout: 600_000, maxWorkers: 1, globalSetup: ["test/build-once.ts"] } },
    ],
  },
});
