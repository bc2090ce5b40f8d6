// Hostile settings on disk: broken, torn, doubled, or such as the client would drop; each is drift with a name, and healed.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planShape, runShape } from "../support/documents.ts";
import { fleetFiles } from "../support/fleets.ts";
import { beforeImages, convergedProject } from "../support/shared-project.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const ADDRESS = "config/backend-agent/.claude/settings.json";
const fleet = convergedProject({ files: fleetFiles() });

interface Broken {
  readonly what: string;
  readonly bytes: Buffer | string;
  readonly reason: RegExp;
}

const BROKEN: readonly Broken[] = [
  { what: "broken", bytes: '{"model": "opus",, }', reason: /^not JSON .*at 1:18/ },
  { what: "a list", bytes: "[]\n", reason: /object|JSON/ },
  { what: "a bare word", bytes: "opus\n", reason: /JSON/ },
  { what: "only blanks", bytes: "  \n\t\n", reason: /empty|JSON/ },
  { what: "not UTF-8", bytes: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), reason: /UTF-8/ },
  { what: "UTF-16", bytes: Buffer.from('\ufeff{"model": "opus"}', "utf16le"), reason: /UTF-8|UTF-16/ },
  { what: "17 MiB large", bytes: `{"x": "${"x".repeat(17 * 1024 * 1024)}"}`, reason: /larger than/ },
  { what: "larger than any settings are", bytes: `{"model": "opus"${" ".repeat(1024 * 1024)}}`, reason: /larger than/ },
  { what: "nested 10,000 deep", bytes: `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, reason: /./ },
  {
    what: "full of duplicate keys",
    bytes: '{"model": "haiku", "model": "opus", "disableAllHooks": true, "disableAllHooks": false}',
    reason: /twice|duplicate/,
  },
  { what: "with a reserved key", bytes: '{"__proto__": {"disableAllHooks": true}}', reason: /./ },
];

test.each(BROKEN)("settings.json is $what: drift named as such, healed, its bytes kept (row 66)", async (one) => {
  const project = fleet();
  const wanted = JSON.parse(project.read(SETTINGS));
  const bytes = Buffer.from(one.bytes);
  project.write(SETTINGS, bytes.toString("latin1"));
  execFileSync("sh", ["-c", `cat > '${project.path(SETTINGS)}'`], { input: bytes });
  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
  expect(planned.code, planned.stderr).toBe(2);
  const { actions } = planShape.parse(planned.json());
  expect(actions).toMatchObject([{ address: ADDRESS, verdict: "tampered", reason: expect.stringMatching(one.reason) }]);
  const applied = await project.run(["apply", "-y", "--files-only", "-o", "json"]);
  expect(applied.code, applied.stderr).toBe(0);
  expect(JSON.parse(project.read(SETTINGS))).toMatchObject(wanted);
  const run = readFileSync(join(project.path("state/before"), "0002-".concat(idOf(applied.json())), SETTINGS));
  expect(run.equals(bytes)).toBe(true);
  expect((await project.run(["verify", "--files-only"])).code).toBe(0);
});

/** What follows the number in a run's id. */
function idOf(document: unknown): string {
  return runShape.parse(document).id.slice("0002-".length);
}

const DROPPED: readonly (readonly [what: string, change: (settings: Record<string, unknown>) => void])[] = [
  [
    "our hook in the old flat shape",
    (settings) => {
      settings["hooks"] = { PreToolUse: [{ command: "x/.claude/hooks/auto-deny", description: "flat" }] };
    },
  ],
  [
    "somebody's hook in the old flat shape beside ours",
    (settings) => {
      (settings["hooks"] as { PreToolUse: unknown[] }).PreToolUse.push({ command: "./mine.sh" });
    },
  ],
  [
    "a value of the wrong type",
    (settings) => {
      settings["cleanupPeriodDays"] = "thirty";
    },
  ],
];

test.each(DROPPED)(
  "settings with %s: the client would ignore the file, so it is drift and healed (row 67)",
  async (_, change) => {
    const project = fleet();
    const settings = JSON.parse(project.read(SETTINGS));
    change(settings);
    project.write(SETTINGS, JSON.stringify(settings, null, 2));
    const planned = await project.run(["plan", "--files-only", "--detailed-exitcode", "-o", "json"]);
    expect(planned.code, planned.stdout).toBe(2);
    const plan = planShape.parse(planned.json());
    expect(plan.actions).toMatchObject([
      { address: ADDRESS, verdict: "tampered", reason: /the client will ignore this file: ./ },
    ]);
    expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
    expect(beforeImages(project)[SETTINGS]).toBe(JSON.stringify(settings, null, 2));
    expect((await project.run(["verify", "--files-only"])).code).toBe(0);
  },
);

test("an event the client does not know is said to be ignored, and is nobody's business to remove (row 67)", async () => {
  const project = fleet();
  const settings = JSON.parse(project.read(SETTINGS));
  settings.hooks.PreTool = [{ hooks: [{ type: "command", command: "/bin/true" }] }];
  project.write(SETTINGS, JSON.stringify(settings, null, 2));
  const planned = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(planned.code, planned.stdout).toBe(0);
  expect(planned.stderr).toMatch(/settings\.json:\d+:\d+ warning W652 .*no hook event PreTool/);
});

test("a foreign rule that permits more is reported as WIDENED, and taken out only where the policy says so", async () => {
  const project = fleet();
  const settings = JSON.parse(project.read(SETTINGS));
  settings.permissions.allow = ["Bash"];
  project.write(SETTINGS, JSON.stringify(settings, null, 2));
  const reported = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(reported.code, reported.stdout).toBe(0);
  expect(reported.stderr).toMatch(/W650 WIDENED: allow Bash/);
  project.write("desired/fleet.yaml", `${project.read("desired/fleet.yaml")}policy: { widening: heal }\n`);
  const healing = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(healing.code, healing.stdout).toBe(2);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(JSON.parse(project.read(SETTINGS)).permissions.allow ?? []).toEqual([]);
});

const NUMBERS = Array.from({ length: 30_000 }, (_, index) => index);

test.each([
  ["permissions", { permissions: { allow: NUMBERS.map((one) => `Bash(x${one})`) } }, /W650 WIDENED/g],
  ["unknown keys", Object.fromEntries(NUMBERS.map((one) => [`key${one}`, one])), /W652/g],
  ["strange hooks", { hooks: { PreToolUse: NUMBERS.slice(0, 15_000).map(() => ({ matcher: 1 })) } }, /W651/g],
])(
  "thirty thousand %s in settings.json: a few are told, the rest is counted, in bounded time",
  async (_, more, told) => {
    const project = fleet();
    project.write(SETTINGS, JSON.stringify({ ...JSON.parse(project.read(SETTINGS)), ...more }));
    const planned = await project.run(["plan", "--files-only"], { timeoutMs: 20_000 });
    expect(planned.code, planned.stderr).toBe(0);
    expect(planned.stderr.match(told)?.length).toBeGreaterThan(0);
    expect(planned.stderr.match(told)?.length).toBeLessThanOrEqual(51);
    expect(planned.stderr).toMatch(/, as \d+ more,/);
    const applied = await project.run(["apply", "-y", "--files-only"], { timeoutMs: 30_000 });
    expect(applied.code, applied.stderr).toBe(0);
    const after = await project.run(["plan", "--files-only", "--detailed-exitcode"], { timeoutMs: 20_000 });
    expect(after.code, after.stdout).toBe(0);
  },
);

test("thousands of foreign permissions go at once where the policy says so, and what is ours stays", async () => {
  const project = fleet();
  project.write("desired/fleet.yaml", `${project.read("desired/fleet.yaml")}policy: { widening: heal }\n`);
  const settings = JSON.parse(project.read(SETTINGS));
  const deny = [...(settings.permissions.deny ?? []), "Bash(rm:*)"];
  const foreign = { allow: NUMBERS.map((one) => `Bash(x${one})`), deny };
  project.write(SETTINGS, JSON.stringify({ ...settings, permissions: { ...settings.permissions, ...foreign } }));
  const applied = await project.run(["apply", "-y", "--files-only"], { timeoutMs: 30_000 });
  expect(applied.code, applied.stderr).toBe(0);
  const { allow: ours, ...rest } = settings.permissions;
  expect(JSON.parse(project.read(SETTINGS))).toEqual({
    ...settings,
    permissions: { ...rest, deny, ...(ours === undefined ? {} : { allow: ours }) },
  });
});

test("thousands of keys that stand twice are taken out in one go", async () => {
  const project = fleet();
  const twice = NUMBERS.slice(0, 20_000).map((one) => `"key": ${one}`);
  project.write(SETTINGS, `{${twice.join(", ")}, ${project.read(SETTINGS).trim().slice(1)}`);
  const applied = await project.run(["apply", "-y", "--files-only"], { timeoutMs: 30_000 });
  expect(applied.code, applied.stderr).toBe(0);
  expect(JSON.parse(project.read(SETTINGS))).toMatchObject({ key: 19_999, model: "opus" });
});
