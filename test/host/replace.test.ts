// Stories of replacing one file: what is kept, what is refused, who wins when two write.
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createFileWriter } from "../../src/host/fs/files.ts";
import type { Edit, ReplaceJob } from "../../src/model/world.ts";
import { project } from "../support/temp-dir.ts";

const RUN = "0007-3f2a";

function writing(content?: string) {
  const at = project();
  if (content !== undefined) writeFileSync(at.settings, content, { mode: 0o644 });
  const files = createFileWriter({ roots: [at.root], state: at.state });
  const job = (edit: Edit, more: Partial<ReplaceJob> = {}): ReplaceJob => {
    return { path: at.settings, mode: 0o644, run: RUN, edit, parents: false, ...more };
  };
  return { ...at, files, job, beside: () => readdirSync(dirname(at.settings)) };
}

const to =
  (text: string): Edit =>
  () => ({ do: "write", bytes: Buffer.from(text) });

/** Writes only over what the plan saw. */
const over =
  (seen: string, text: string): Edit =>
  (current) =>
    current?.bytes.toString() === seen
      ? { do: "write", bytes: Buffer.from(text) }
      : { do: "moved", reason: "a person changed it" };

test("a new file in new folders has the modes asked for, whatever the umask", async () => {
  const { root, files, job } = writing();
  const path = join(root, "agents/backend-agent/.claude/hooks/auto-deny");
  const old = process.umask(0o077);
  try {
    expect(await files.replace(job(to("#!/bin/sh\n"), { path, mode: 0o755, parents: true }))).toEqual({
      state: "written",
    });
  } finally {
    process.umask(old);
  }
  expect(statSync(path).mode & 0o7777).toBe(0o755);
  expect(statSync(dirname(path)).mode & 0o7777).toBe(0o755);
  expect(files.changes()).toMatchObject([{ path, modeBefore: null, image: null }]);
});

test("the replaced content is kept where only its owner reads it", async () => {
  const { root, files, job, settings, state, beside } = writing("old");
  chmodSync(settings, 0o664);
  const result = await files.replace(job(over("old", "new")));
  const kept = join(state, "before", RUN, "agents/planning-agent/.claude/settings.json");
  expect(result).toEqual({ state: "written", beforeImage: kept });
  expect(readFileSync(kept, "utf8")).toBe("old");
  expect(statSync(kept).mode & 0o7777).toBe(0o600);
  expect(statSync(join(state, "before")).mode & 0o7777).toBe(0o700);
  expect(readFileSync(settings, "utf8")).toBe("new");
  expect(statSync(settings)).toMatchObject({ nlink: 1 });
  expect(statSync(settings).mode & 0o7777).toBe(0o644);
  expect(beside()).toEqual(["settings.json"]);
  expect(files.changes()).toMatchObject([{ path: settings, modeBefore: 0o664, image: kept }]);
  expect(root).not.toBe("");
});

test("nothing is written when there is nothing to change", async () => {
  const { files, job, settings, state } = writing("same");
  const { ino, mtimeMs, ctimeMs } = statSync(settings);
  expect(await files.replace(job(() => ({ do: "keep" })))).toEqual({ state: "kept" });
  expect(statSync(settings)).toMatchObject({ ino, mtimeMs, ctimeMs });
  expect(readdirSync(state)).toEqual([]);
});

test("a person who edits between plan and rename keeps the edit", async () => {
  const { files, job, settings, beside } = writing("planned on");
  let looks = 0;
  const result = await files.replace(
    job((current) => {
      // The person saves just after we looked.
      if (looks++ === 0) writeFileSync(settings, "a person's words");
      return over("planned on", "ours")(current);
    }),
  );
  expect(result).toEqual({ state: "moved", reason: "a person changed it" });
  expect(readFileSync(settings, "utf8")).toBe("a person's words");
  expect(beside()).toEqual(["settings.json"]);
});

test("a file that appears where there was none is not written over", async () => {
  const { files, job, settings } = writing();
  let looks = 0;
  const result = await files.replace(
    job((current) => {
      if (looks++ === 0) writeFileSync(settings, "somebody was first");
      return current === null ? { do: "write", bytes: Buffer.from("ours") } : { do: "moved", reason: "taken" };
    }),
  );
  expect(result).toEqual({ state: "moved", reason: "taken" });
  expect(readFileSync(settings, "utf8")).toBe("somebody was first");
});

test("a file that vanishes meanwhile is decided anew", async () => {
  const { files, job, settings } = writing("there");
  let looks = 0;
  const result = await files.replace(
    job((current) => {
      if (looks++ === 0) unlinkSync(settings);
      return { do: "write", bytes: Buffer.from(current === null ? "made" : "replaced") };
    }),
  );
  expect(result).toEqual({ state: "written" });
  expect(readFileSync(settings, "utf8")).toBe("made");
});

test("links, second names and strangers are refused, their content untouched", async () => {
  const { root, files, job, settings, state, beside } = writing();
  const elsewhere = join(root, "precious");
  writeFileSync(elsewhere, "precious");
  symlinkSync(elsewhere, settings);
  expect(await files.replace(job(to("ours")))).toMatchObject({ state: "refused", why: "link" });
  unlinkSync(settings);
  linkSync(elsewhere, settings);
  expect(await files.replace(job(to("ours")))).toMatchObject({ state: "refused", why: "hard-link" });
  expect(await files.remove(job(to("")))).toMatchObject({ state: "refused", why: "hard-link" });
  const stranger = createFileWriter({ roots: [root], state, uid: 54_321 });
  unlinkSync(settings);
  writeFileSync(settings, "another user's");
  expect(await stranger.replace(job(to("ours")))).toMatchObject({ state: "refused", why: "owner" });
  expect(readFileSync(elsewhere, "utf8")).toBe("precious");
  expect(readFileSync(settings, "utf8")).toBe("another user's");
  expect(beside()).toEqual(["settings.json"]);
});

test("a path out of the roots, or with dots in it, is refused", async () => {
  const { root, files, job } = writing();
  for (const path of ["/tmp/rollcall-outside", `${root}/../outside`, `${root}/agents/../../outside`]) {
    expect(await files.replace(job(to("x"), { path, parents: true }))).toMatchObject({ state: "refused" });
    expect(existsSync(path)).toBe(false);
  }
});

test("a before-image that a killed run left as second name is ours and cleaned up", async () => {
  const { root, state, settings, job, beside } = writing("old");
  const name = ".settings.json.rollcall-0006-beef";
  linkSync(settings, join(dirname(settings), name));
  const { ino, dev } = statSync(settings);
  const log = {
    note: async () => {},
    isOwn: (image: { name: string; ino: number; dev: number }) =>
      image.name === name && image.ino === ino && image.dev === dev,
  };
  const files = createFileWriter({ roots: [root], state, log });
  expect(await files.replace(job(over("old", "new")))).toMatchObject({ state: "written" });
  expect(beside()).toEqual(["settings.json"]);
});

test("a removed file is kept; an absent one is success", async () => {
  const { files, job, settings, beside } = writing("old hook");
  const result = await files.remove(job(over("old hook", "")));
  expect(result).toMatchObject({ state: "written" });
  expect(beside()).toEqual([]);
  expect(result.state === "written" && readFileSync(result.beforeImage ?? "", "utf8")).toBe("old hook");
  expect(await files.remove(job(over("old hook", "")))).toEqual({ state: "kept" });
  expect(existsSync(settings)).toBe(false);
});

test("a file that is empty because its writer is in the middle is waited for", async () => {
  const { files, job, settings } = writing("");
  setTimeout(() => writeFileSync(settings, "the client's words"), 60);
  await files.replace(
    job((current) => ({
      do: "write",
      bytes: Buffer.concat([current?.bytes ?? Buffer.alloc(0), Buffer.from(" and ours")]),
    })),
  );
  expect(readFileSync(settings, "utf8")).toBe("the client's words and ours");
});

test("a file whose writer never comes to an end is given way to, and not one byte of it is replaced", async () => {
  const { files, job, settings, beside } = writing('{ "theme": ');
  const writer = setInterval(() => writeFileSync(settings, '{ "theme": '), 100);
  const torn: Edit = (current) => {
    const whole = current?.bytes.toString() === "{}";
    return { do: "write", bytes: Buffer.from("ours"), ...(whole ? {} : { torn: true as const }) };
  };
  const result = await files.replace(job(torn));
  clearInterval(writer);
  expect(result).toMatchObject({ state: "moved", reason: expect.stringContaining("being written all the time") });
  expect(readFileSync(settings, "utf8")).toBe('{ "theme": ');
  expect(beside()).toEqual(["settings.json"]);
});

/** Appends ` ours` once. */
const appending: Edit = (current) => {
  const text = current?.bytes.toString() ?? "";
  return text.endsWith(" ours") ? { do: "keep" } : { do: "write", bytes: Buffer.from(`${text} ours`) };
};

test("a client that opened the file before and writes after is merged at the end of the run", async () => {
  const { files, job, settings, state } = writing("first");
  const client = openSync(settings, "r+");
  expect(await files.replace(job(appending))).toMatchObject({ state: "written" });
  expect(readFileSync(settings, "utf8")).toBe("first ours");
  writeSync(client, "FIRST and more", 0);
  setTimeout(() => closeSync(client), 30);
  expect(await files.settle()).toEqual([{ path: settings, state: "merged" }]);
  expect(readFileSync(settings, "utf8")).toBe("FIRST and more ours");
  expect(await files.settle()).toEqual([]);
  expect(readdirSync(join(state, "before", RUN, "agents/planning-agent/.claude")).length).toBe(2);
});

test("a late write that contradicts the plan is put back, and said", async () => {
  const { files, job, settings } = writing("planned on");
  const person = openSync(settings, "r+");
  expect(await files.replace(job(over("planned on", "ours")))).toMatchObject({ state: "written" });
  writeSync(person, "a person's words", 0);
  closeSync(person);
  expect(await files.settle()).toEqual([{ path: settings, state: "moved", reason: "a person changed it" }]);
  expect(readFileSync(settings, "utf8")).toBe("a person's words");
});

test("a late write to a removed file brings it back", async () => {
  const { files, job, settings } = writing("orphan");
  const person = openSync(settings, "r+");
  expect(await files.remove(job(over("orphan", "")))).toMatchObject({ state: "written" });
  writeSync(person, "needed after all", 0);
  closeSync(person);
  expect(await files.settle()).toMatchObject([{ path: settings, state: "moved" }]);
  expect(readFileSync(settings, "utf8")).toBe("needed after all");
});

test("many files at once leave no descriptor open", async () => {
  const { root, files, job } = writing();
  const open = (): number => readdirSync("/proc/self/fd").length;
  const before = open();
  const paths = Array.from({ length: 60 }, (_, nth) => join(root, `agents/agent-${nth % 20}/.claude/file-${nth}`));
  for (const text of ["one", "two"]) {
    await Promise.all(paths.map((path) => files.replace(job(to(text), { path, parents: true }))));
  }
  await files.settle();
  expect(paths.map((path) => readFileSync(path, "utf8"))).toEqual(paths.map(() => "two"));
  expect(open()).toBe(before);
});
