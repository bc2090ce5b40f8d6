// Story: the client edits other keys of settings.json in place, before, between and during our replacements.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createFileWriter } from "../../src/host/fs/files.ts";
import type { Edit, ReplaceJob } from "../../src/model/world.ts";
import { compiled, project, start } from "../support/temp-dir.ts";

type Settings = Record<string, unknown>;

function parse(bytes: Buffer): Settings | null {
  try {
    return JSON.parse(bytes.toString("utf8")) as Settings;
  } catch {
    return null;
  }
}

const bytesOf = (settings: Settings): Buffer => Buffer.from(`${JSON.stringify(settings, null, 2)}\n`);

/** Owns the key `model`; everything else is the client's. */
const owning =
  (model: string): Edit =>
  (current) => {
    if (current === null) return { do: "write", bytes: bytesOf({ model }) };
    const settings = parse(current.bytes);
    if (settings === null) return { do: "write", bytes: bytesOf({ model }), torn: true };
    return settings["model"] === model ? { do: "keep" } : { do: "write", bytes: bytesOf({ ...settings, model }) };
  };

const carry: NonNullable<ReplaceJob["carry"]> = ({ from, to, onto }) => {
  const [before, after, present] = [parse(from), parse(to), parse(onto)];
  if (!before || !after || !present) return null;
  const changed = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return bytesOf({ ...present, ...Object.fromEntries(changed) });
};

test("a thousand edits in place during applies lose nothing", { timeout: 120_000 }, async () => {
  const { root, state, settings } = project();
  writeFileSync(settings, bytesOf({ theme: "dark" }));
  const files = createFileWriter({ roots: [root], state });
  const program = compiled(new URL("../support/writer-in-place.ts", import.meta.url).pathname);
  const rounds = 1000;
  const client = start([process.execPath, program, settings, String(rounds)]);
  let over = false;
  const ended = client.ended.then((result) => {
    over = true;
    return result;
  });
  let replacements = 0;
  let blocked = 0;
  let count = 0;
  for (; !over; count++) {
    const job = { path: settings, run: "0001-abcd", mode: 0o644, parents: false, edit: owning(`m${count}`), carry };
    const result = await files.replace(job);
    // On a machine that is busy elsewhere a torn write can outlast our patience: then we give way, and come again.
    expect(["written", "kept", "moved"]).toContain(result.state);
    if (result.state === "moved") blocked++;
    if (result.state === "written") replacements++;
    if (count % 10 === 0) await files.settle();
  }
  expect(await ended).toMatchObject({ code: 0 });
  await files.settle();
  const final = parse(readFileSync(settings)) ?? {};
  const lost = Array.from({ length: rounds }, (_, round) => `round-${round}`).filter((key) => final[key] !== true);
  expect(lost).toEqual([]);
  expect(final["theme"]).toBe("dark");
  expect(replacements).toBeGreaterThan(3);
  expect(blocked).toBeLessThan(Math.max(3, count / 20));
});
