// Stories of reading: what lies there is told apart, nothing is followed, nothing is waited for.
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFileReader } from "../../src/host/fs/files.ts";
import { project } from "../support/temp-dir.ts";

function reading() {
  const { root, settings } = project();
  writeFileSync(settings, "{}\n");
  return { root, settings, folder: dirname(settings), files: createFileReader({ roots: [root] }) };
}

describe("a file as it should be", () => {
  test("is read with its facts, and equals only its own bytes", () => {
    const { files, settings } = reading();
    chmodSync(settings, 0o640);
    const found = files.read(settings, { owned: true });
    expect(found).toMatchObject({ state: "file", facts: { type: "file", mode: 0o640, links: 1, size: 3 } });
    expect(found.state === "file" && found.bytes.toString()).toBe("{}\n");
    expect(files.compare(settings, Buffer.from("{}\n"))).toMatchObject({ state: "file", same: true });
    expect(files.compare(settings, Buffer.from("{ }"))).toMatchObject({ state: "file", same: false });
    expect(files.compare(settings, Buffer.from("{}"))).toMatchObject({ state: "file", same: false });
  });

  test("larger than the buffer is compared to its last byte", () => {
    const { files, settings } = reading();
    const large = Buffer.alloc(300_000, "x");
    writeFileSync(settings, large);
    expect(files.compare(settings, large)).toMatchObject({ same: true });
    large[large.length - 1] = 121;
    expect(files.compare(settings, large)).toMatchObject({ same: false });
  });

  test("two reads do not share memory", () => {
    const { files, settings, folder } = reading();
    const first = files.read(settings);
    writeFileSync(join(folder, "other"), "something else");
    files.read(join(folder, "other"));
    expect(first.state === "file" && first.bytes.toString()).toBe("{}\n");
  });

  test("in procfs is read although its size says nothing", () => {
    const { files } = reading();
    const found = files.read("/proc/self/stat");
    expect(found.state === "file" && found.bytes.length).toBeGreaterThan(20);
  });
});

describe("what is not a file of ours", () => {
  test("an absent one is absent, under a missing folder too", () => {
    const { files, folder } = reading();
    expect(files.read(join(folder, "none"))).toEqual({ state: "absent" });
    expect(files.compare(join(folder, "none/none"), Buffer.from(""))).toEqual({ state: "absent" });
    expect(files.facts(join(folder, "none"))).toBeNull();
  });

  test("a link is refused, also one that leads nowhere", () => {
    const { files, settings, folder } = reading();
    symlinkSync(settings, join(folder, "link"));
    symlinkSync("nowhere", join(folder, "dangling"));
    expect(files.read(join(folder, "link"))).toMatchObject({ state: "refused", why: "link" });
    expect(files.compare(join(folder, "dangling"), Buffer.from(""))).toMatchObject({ state: "refused", why: "link" });
    expect(files.facts(join(folder, "link"))).toMatchObject({ type: "link" });
  });

  test("a FIFO without a writer does not keep us waiting", () => {
    const { files, folder } = reading();
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(files.read(join(folder, "pipe"))).toMatchObject({ state: "refused", why: "not-a-file" });
    expect(files.compare(join(folder, "pipe"), Buffer.from("x"))).toMatchObject({ why: "not-a-file" });
  });

  test("a socket and a folder are no files", async () => {
    const { files, folder } = reading();
    const server = createServer();
    await new Promise<void>((ready) => server.listen(join(folder, "sock"), ready));
    expect(files.read(join(folder, "sock"))).toMatchObject({ state: "refused", why: "not-a-file" });
    await new Promise((closed) => server.close(closed));
    expect(files.read(folder)).toMatchObject({ state: "refused", why: "not-a-file" });
  });

  test("a file under a file names the part that is no folder", () => {
    const { files, settings } = reading();
    expect(files.read(join(settings, "x"))).toMatchObject({ state: "refused", why: "not-a-folder" });
  });

  test("a second name is a stranger's, unless the journal knows it", () => {
    const { root, files, settings, folder } = reading();
    linkSync(settings, join(folder, ".settings.json.rollcall-0003-aa11"));
    expect(files.read(settings, { owned: true })).toMatchObject({ state: "refused", why: "hard-link" });
    expect(files.read(settings)).toMatchObject({ state: "file" });
    const knowing = createFileReader({ roots: [root], images: { isOwn: (image) => image.run === "0003-aa11" } });
    expect(knowing.compare(settings, Buffer.from("{}\n"))).toMatchObject({ state: "file", same: true });
    linkSync(settings, join(folder, "a-third"));
    expect(knowing.compare(settings, Buffer.from("{}\n"))).toMatchObject({ state: "refused", why: "hard-link" });
  });

  test("another user's file is refused", () => {
    const { root, settings } = reading();
    const stranger = createFileReader({ roots: [root], uid: 54_321 });
    expect(stranger.compare(settings, Buffer.from("{}\n"))).toMatchObject({ state: "refused", why: "owner" });
    expect(stranger.read(settings)).toMatchObject({ state: "file" });
  });

  test("a file over the limit is not read", () => {
    const { files, settings } = reading();
    expect(files.read(settings, { limit: 2 })).toMatchObject({ state: "refused", why: "too-large" });
    expect(files.read("/proc/self/status", { limit: 10 })).toMatchObject({ state: "refused", why: "too-large" });
  });
});

describe("folders", () => {
  test("real ones pass, links and open doors do not", () => {
    const { root, files, folder } = reading();
    expect(files.folder(folder)).toMatchObject({ state: "folder" });
    expect(files.folder(join(root, "agents/none/.claude"))).toEqual({ state: "absent" });
    symlinkSync(join(root, "agents/planning-agent"), join(root, "agents/linked"));
    const linked = files.folder(join(root, "agents/linked/.claude"));
    expect(linked).toMatchObject({ why: "link", message: "agents/linked is a link" });
    chmodSync(join(root, "agents"), 0o777);
    files.forget();
    expect(files.folder(folder)).toMatchObject({ why: "world-writable", message: /agents .*owner \d+, mode 0777/ });
    chmodSync(join(root, "agents"), 0o1777);
    files.forget();
    expect(files.folder(folder)).toMatchObject({ state: "folder" });
    expect(files.folder("/etc")).toMatchObject({ state: "refused", why: "outside" });
    expect(files.folder(`${root}-not-ours`)).toMatchObject({ why: "outside" });
  });

  test("are remembered until told to forget", () => {
    const { root, files } = reading();
    expect(files.folder(join(root, "agents/new"))).toEqual({ state: "absent" });
    mkdirSync(join(root, "agents/new"));
    expect(files.folder(join(root, "agents/new"))).toEqual({ state: "absent" });
    files.forget();
    expect(files.folder(join(root, "agents/new"))).toMatchObject({ state: "folder" });
  });

  test("list what is in them by kind, in the same order everywhere", () => {
    const { files, folder } = reading();
    writeFileSync(join(folder, "Zebra"), "");
    mkdirSync(join(folder, "hooks"));
    symlinkSync("x", join(folder, "alias"));
    expect(files.list(folder)?.map(({ name, type }) => `${type} ${name}`)).toEqual([
      "file Zebra",
      "link alias",
      "folder hooks",
      "file settings.json",
    ]);
    expect(files.list(join(folder, "none"))).toBeNull();
  });
});

test("a program is found on a PATH as the kernel would, relative entries left out", () => {
  const { files, folder } = reading();
  writeFileSync(join(folder, "claude"), "#!/bin/sh\n");
  expect(files.find("claude", `/nowhere:${folder}`)).toBeNull();
  chmodSync(join(folder, "claude"), 0o755);
  expect(files.find("claude", `.:/nowhere:${folder}`)).toBe(join(folder, "claude"));
  expect(files.find(join(folder, "claude"), "")).toBe(join(folder, "claude"));
  expect(files.find("hooks", folder)).toBeNull();
});
