// A process that has ended and that nobody has heard of yet: the kernel knows how.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { createFileReader } from "../../../src/host/fs/files.ts";
import { endOf } from "../../../src/kinds/session/observe/exit-status.ts";
import { until } from "../../support/session-fixture.ts";

const files = createFileReader({ roots: ["/"] });

/** The pid of a process that ended like this under a parent that never asks. */
async function unreaped(end: string): Promise<number> {
  const parent = spawn("sh", ["-c", `sh -c '${end}' & exec sleep 60`], { stdio: "ignore" });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const zombie = (): number | undefined =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => new RegExp(`\\) Z ${parent.pid} `).test(statOf(pid)));
  await until("the child has ended", () => zombie() !== undefined);
  return zombie() ?? 0;
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

test.each([
  ["exit 0", { deadStatus: "0", deadSignal: "" }],
  ["exit 7", { deadStatus: "7", deadSignal: "" }],
  ["kill -9 $$", { deadStatus: "", deadSignal: "9" }],
  ["kill -15 $$", { deadStatus: "", deadSignal: "15" }],
])("a process that ended by `%s` says so", async (end, words) => {
  expect(endOf(await unreaped(end), files)).toEqual(words);
});

test("of one that lives, and of one that is gone, nothing is said", () => {
  expect(endOf(process.pid, files)).toBeNull();
  expect(endOf(2 ** 22, files)).toBeNull();
});
