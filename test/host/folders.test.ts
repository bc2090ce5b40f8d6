// Stories of the plain changes: folders made, moved and emptied, modes set, and never through a link.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createFileWriter } from "../../src/host/fs/files.ts";
import { readOnly } from "../../src/host/read-only.ts";
import { createReader, createWriter } from "../../src/host/world.ts";
import { project, temporary } from "../support/temp-dir.ts";

function writing() {
  const at = project();
  writeFileSync(at.settings, "{}\n");
  const outside = temporary();
  writeFileSync(join(outside, "precious"), "precious");
  return { ...at, outside, files: createFileWriter({ roots: [at.root], state: at.state }) };
}

test("a retired folder is moved whole, and never over another", () => {
  const { root, files } = writing();
  const [from, to] = [join(root, "agents/planning-agent"), join(root, "agents/archive/v1/planning-agent")];
  expect(() => files.move(from, to)).toThrow(expect.objectContaining({ code: "E501", errno: "ENOENT" }));
  files.makeFolder(dirname(to), 0o755);
  files.move(from, to);
  expect(readdirSync(join(to, ".claude"))).toEqual(["settings.json"]);
  mkdirSync(from);
  expect(() => files.move(from, to)).toThrow(expect.objectContaining({ code: "E503", path: to }));
  expect(() => files.move(join(root, "agents/nobody"), join(root, "agents/x"))).toThrow(/ENOENT/);
});

test("a folder is removed with all in it; what its links lead to stays", () => {
  const { root, outside, files } = writing();
  const folder = join(root, "agents/planning-agent");
  symlinkSync(outside, join(folder, "away"));
  symlinkSync(join(outside, "precious"), join(folder, ".claude/file-away"));
  mkdirSync(join(folder, "deep/deeper"), { recursive: true });
  files.removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
  expect(readFileSync(join(outside, "precious"), "utf8")).toBe("precious");
  files.removeFolder(folder);
  symlinkSync(outside, folder);
  expect(() => files.removeFolder(folder)).toThrow(expect.objectContaining({ code: "E503" }));
  expect(readdirSync(outside)).toEqual(["precious"]);
});

test("an empty folder goes, any other stays", () => {
  const { root, files, settings } = writing();
  files.removeEmptyFolder(dirname(settings));
  expect(existsSync(settings)).toBe(true);
  mkdirSync(join(root, "agents/empty"));
  files.removeEmptyFolder(join(root, "agents/empty"));
  files.removeEmptyFolder(join(root, "agents/empty"));
  expect(readdirSync(join(root, "agents"))).toEqual(["planning-agent"]);
});

test("a mode is set on the file itself, also on one nobody may read, never through a link or a second name", () => {
  const { root, outside, settings, files } = writing();
  chmodSync(settings, 0o000);
  files.chmod(settings, 0o755);
  expect(statSync(settings).mode & 0o7777).toBe(0o755);
  symlinkSync(join(outside, "precious"), join(root, "agents/link"));
  linkSync(settings, join(root, "agents/second"));
  const mode = statSync(join(outside, "precious")).mode;
  for (const path of [join(root, "agents/link"), settings]) {
    expect(() => files.chmod(path, 0o777)).toThrow(expect.objectContaining({ code: "E503" }));
  }
  expect(statSync(join(outside, "precious")).mode).toBe(mode);
  expect(statSync(settings).mode & 0o7777).toBe(0o755);
});

test("a folder has the mode asked for, and one that is there keeps its own", () => {
  const { root, files } = writing();
  const old = process.umask(0o077);
  try {
    files.makeFolder(join(root, "agents/new/deep"), 0o755);
  } finally {
    process.umask(old);
  }
  expect(statSync(join(root, "agents/new")).mode & 0o7777).toBe(0o755);
  files.makeFolder(join(root, "agents/new"), 0o700);
  expect(statSync(join(root, "agents/new")).mode & 0o7777).toBe(0o755);
  expect(() => files.makeFolder("/rollcall-outside", 0o755)).toThrow(expect.objectContaining({ code: "E503" }));
});

test("a world made read-only looks like any other and lets nothing through", async () => {
  const { root, state, settings } = writing();
  const env = { PATH: "/usr/bin:/bin", EMPTY: undefined };
  const world = readOnly(createReader({ roots: [root], env }));
  expect(world.env).toEqual({ PATH: "/usr/bin:/bin" });
  expect(world.files.compare(settings, Buffer.from("{}\n"))).toMatchObject({ same: true });
  expect(await world.exec.query(["git", "--version"], { env: world.env })).toMatchObject({ code: 0 });
  const job = { path: settings, run: "0001-abcd", mode: 0o644, parents: false, edit: () => ({ do: "keep" }) as const };
  const writes = [
    () => world.files.replace(job),
    () => world.files.remove(job),
    () => world.files.removeEmptyFolder(root),
    () => world.files.chmod(settings, 0o600),
    () => world.files.makeFolder(root, 0o755),
    () => world.files.move(settings, `${settings}.x`),
    () => world.files.keepFolder({ path: root, run: "0001-abcd" }),
    () => world.files.removeFolder(root),
    () => world.files.settle(),
    () => world.exec.run(["true"], { env: world.env }),
    () => world.exec.signal({ pid: 2, startTick: "1" }, "SIGTERM"),
    () => world.note("session/a/main", {}),
  ];
  for (const write of writes) expect(write).toThrow(/only reading is allowed/);
  // Every function a writer has beyond a reader is in the list above.
  const writer = createWriter({ roots: [root], state, env, run: "0001-abcd", note: () => {}, kill: process.kill });
  const more = [...Object.keys(writer.files), ...Object.keys(writer.exec)].filter(
    (name) => !["read", "compare", "facts", "folder", "list", "link", "real", "find", "forget", "query"].includes(name),
  );
  const hostOnly = ["changes", "folders", "moves", "recover", "doneBy"];
  expect(more.filter((name) => !hostOnly.includes(name))).toHaveLength(writes.length - 1);
});
