// Stories of what a killed run left beside the files: each thing goes where it belongs, nothing else is touched.

import { createHash } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createFileWriter } from "../../src/host/fs/files.ts";
import { project } from "../support/temp-dir.ts";

const RUN = "0004-dead";
const NOTHING_ELSE = { fresh: [], moves: [] };

function killed() {
  const { root, state, settings } = project();
  const folder = dirname(settings);
  writeFileSync(settings, "old");
  const { dev, ino } = statSync(settings);
  const name = `.settings.json.rollcall-${RUN}`;
  const digest = createHash("sha256").update("old").digest("hex").slice(0, 32);
  const image = { path: settings, name, run: RUN, dev, ino, digest, mode: 0o644 };
  linkSync(settings, join(folder, name));
  const files = createFileWriter({ roots: [root], state });
  const leftovers = { run: RUN, paths: [settings], images: [image] };
  const replace = (): void => {
    writeFileSync(join(folder, "new"), "new");
    renameSync(join(folder, "new"), settings);
  };
  const kept = join(state, "before", RUN, "agents/planning-agent/.claude/settings.json");
  return { folder, settings, files, leftovers, replace, kept, image };
}

test("killed before the rename: the second name goes, the file stays", () => {
  const { folder, settings, files, leftovers } = killed();
  writeFileSync(join(folder, `.settings.json.rollcall-${RUN}.tmp1`), "half of the n");
  expect(files.recover(leftovers)).toEqual([]);
  expect(readdirSync(folder)).toEqual(["settings.json"]);
  expect(readFileSync(settings, "utf8")).toBe("old");
  expect(files.doneBy({ ...leftovers, ...NOTHING_ELSE })).toEqual({ files: [], moves: [] });
});

test("killed after the rename: the old content is kept, and named for undo", () => {
  const { folder, settings, files, leftovers, replace, kept } = killed();
  replace();
  expect(files.recover(leftovers)).toEqual([]);
  expect(readdirSync(folder)).toEqual(["settings.json"]);
  expect(readFileSync(settings, "utf8")).toBe("new");
  expect(readFileSync(kept, "utf8")).toBe("old");
  expect(files.doneBy({ ...leftovers, ...NOTHING_ELSE }).files).toMatchObject([
    { path: settings, image: kept, modeBefore: 0o644 },
  ]);
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  expect(files.recover(leftovers)).toEqual([]);
});

test("written to by somebody after the rename: said, with the place where it is", () => {
  const { folder, files, leftovers, replace, kept, image } = killed();
  replace();
  writeFileSync(join(folder, image.name), "the client's late words");
  expect(files.recover(leftovers)).toEqual([expect.stringMatching(/settings\.json was written to .* is in .*before/)]);
  expect(readFileSync(kept, "utf8")).toBe("the client's late words");
});

test("names that the journal does not know, or of another inode, are not ours", () => {
  const { folder, files, leftovers, image } = killed();
  writeFileSync(join(folder, `.CLAUDE.md.rollcall-${RUN}`), "a person's");
  writeFileSync(join(folder, ".settings.json.rollcall-0009-beef"), "of another run");
  const other = { ...leftovers, images: [{ ...image, ino: image.ino + 1 }] };
  expect(files.recover(other)).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(4);
});

test("what it had made and moved is told as far as it came; what it had not come to is not", () => {
  const { folder, settings, files, leftovers, kept } = killed();
  const made = join(folder, "CLAUDE.md");
  writeFileSync(made, "# Made");
  const agents = dirname(dirname(folder));
  const archived = { from: join(agents, "old-crew"), to: join(agents, "archive", "old-crew") };
  const waiting = { from: join(agents, "planning-agent"), to: join(agents, "archive", "planning-agent") };
  const thrown = { from: join(agents, "junk"), to: null };
  for (const place of [archived.to, join(dirname(dirname(dirname(kept))), "junk")])
    mkdirSync(place, { recursive: true });
  files.recover(leftovers);
  const done = files.doneBy({
    ...leftovers,
    fresh: [made, settings, join(folder, "never.md")],
    moves: [archived, waiting, thrown],
  });
  expect(done.files).toMatchObject([
    { path: made, modeBefore: null, image: null },
    { path: settings, modeBefore: null },
  ]);
  expect(done.moves).toEqual([archived, { from: thrown.from, to: expect.stringMatching(/before\/.*\/junk$/) }]);
});
