// Story: the agent exchanges its folder for a link while we write: nothing outside changes, ever.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFileWriter } from "../../src/host/fs/files.ts";
import { HostError } from "../../src/model/errors.ts";
import { compiled, project, start, temporary } from "../support/temp-dir.ts";

test("a thousand writes into a folder that is being exchanged", { timeout: 120_000 }, async () => {
  const { root, state } = project();
  const outside = temporary();
  mkdirSync(join(outside, ".claude"));
  writeFileSync(join(outside, ".claude/settings.json"), "precious");
  const agent = join(root, "agents/planning-agent");
  const files = createFileWriter({ roots: [root], state });
  const swapping = start([
    process.execPath,
    compiled(new URL("../support/swap-links.ts", import.meta.url).pathname),
    agent,
    outside,
  ]);
  const seen: Record<string, number> = {};
  for (let count = 0; count < 1000; count++) {
    const path = join(agent, count % 10 === 0 ? ".claude/settings.json" : `.claude/file-${count}`);
    const edit = () => ({ do: "write", bytes: Buffer.from(`ours ${count}`) }) as const;
    const state = await files
      .replace({ path, run: "0001-abcd", mode: 0o644, parents: false, edit })
      .then((result) => (result.state === "refused" ? result.why : result.state))
      .catch((error: unknown) => {
        if (!(error instanceof HostError)) throw error;
        return "error";
      });
    seen[state] = (seen[state] ?? 0) + 1;
  }
  swapping.child.kill("SIGKILL");
  expect(await swapping.ended).toMatchObject({ signal: "SIGKILL", out: "" });
  expect(readFileSync(join(outside, ".claude/settings.json"), "utf8")).toBe("precious");
  expect(readdirSync(outside)).toEqual([".claude"]);
  expect(readdirSync(join(outside, ".claude"))).toEqual(["settings.json"]);
  // Some went through, some were stopped: the race took place.
  expect(seen["written"]).toBeGreaterThan(0);
  expect((seen["link"] ?? 0) + (seen["outside"] ?? 0)).toBeGreaterThan(0);
});
