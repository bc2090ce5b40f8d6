// Story: the disk takes no more in the middle of a write. The old file is as it was, nothing is left beside it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { compiled, project, start } from "../support/temp-dir.ts";

test("a write beyond the limit names path and cause, the old file stays whole", async () => {
  const { root, settings, state } = project();
  writeFileSync(settings, "old");
  const program = compiled(new URL("../support/full-disk.ts", import.meta.url).pathname);
  // In blocks of 512 or 1024 bytes, as the shell likes: 64 KiB at most.
  const limited = ["sh", "-c", 'ulimit -f 64; exec "$@"', "sh", process.execPath, program, root, settings, "200000"];
  const { out, code } = await start(limited).ended;
  expect({ out, code }).toMatchObject({ code: 0 });
  expect(JSON.parse(out)).toMatchObject({
    code: "E502",
    errno: "EFBIG",
    path: settings,
    hint: /old file is as it was/,
  });
  expect(readFileSync(settings, "utf8")).toBe("old");
  expect(readdirSync(dirname(settings))).toEqual(["settings.json"]);
  const kept = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  expect(kept).toEqual([]);
});
