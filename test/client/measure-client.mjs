// Asks the client's own settings loader what it makes of many documents, and records its answers as a fixture.
// Usage: node measure-client.mjs SDK_FOLDER > fixtures/client-verdicts.json
// SDK_FOLDER: where `npm install --omit=optional @anthropic-ai/claude-agent-sdk@0.3.330` was run. It is no dependency of
// the project: without --omit=optional, which our other packages cannot bear, it brings 380 MB of client with it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DOCUMENTS, MEMBERS } from "./client-documents.mjs";

const folder = join(resolve(process.argv[2] ?? "."), "node_modules/@anthropic-ai/claude-agent-sdk");
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const { resolveSettings, HOOK_EVENTS } = await import(pathToFileURL(join(folder, "sdk.mjs")).href);

const home = mkdtempSync(join(tmpdir(), "measure-client-"));
mkdirSync(join(home, ".claude"));
process.env.HOME = home;
process.env.CLAUDE_CONFIG_DIR = join(home, "config");

async function load(document) {
  writeFileSync(join(home, ".claude/settings.json"), JSON.stringify(document));
  const { sources } = await resolveSettings({ cwd: home, settingSources: ["project"] });
  return sources[0]?.settings ?? null;
}

const canonical = (value) =>
  JSON.stringify(value, (_, one) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

async function verdict(document) {
  const settings = await load(document);
  if (settings === null) return "dropped";
  return canonical(settings) === canonical(document) ? "whole" : "part";
}

/** Of six values, one letter each: kept (small), changed or ignored (capital), the whole file dropped (-). */
async function pattern(at) {
  const letters = { s: "x", n: 1, b: true, l: [], o: {}, z: null };
  let row = "";
  for (const [letter, value] of Object.entries(letters)) {
    const settings = await load({ cleanupPeriodDays: 30, ...at(value) });
    const kept = settings && canonical(settings) === canonical({ cleanupPeriodDays: 30, ...at(value) });
    row += settings === null ? "-" : kept ? letter : letter.toUpperCase();
  }
  return row;
}

function settingKeys() {
  const lines = readFileSync(join(folder, "sdk.d.ts"), "utf8").split("\n");
  const start = lines.findIndex((line) => line.startsWith("export declare interface Settings {"));
  const end = lines.findIndex((line, index) => index > start && line.startsWith("}"));
  return lines.slice(start, end).flatMap((line) => /^ {4}([A-Za-z$]+)\??:/.exec(line)?.[1] ?? []);
}

const keys = {};
for (const key of settingKeys()) keys[key] = await pattern((value) => ({ [key]: value }));
const members = {};
for (const name of MEMBERS) {
  const [key, member] = name.split(".");
  members[name] = await pattern((value) => ({ [key]: { [member]: value } }));
}
const gates = [];
for (const event of HOOK_EVENTS) {
  if ((await load({ model: "opus", hooks: { [event]: [{ command: "x" }] } })) === null) gates.push(event);
}
const documents = {};
for (const [name, document] of Object.entries(DOCUMENTS)) documents[name] = await verdict(document);
rmSync(home, { recursive: true });
console.log(JSON.stringify({ version, events: HOOK_EVENTS, gates, keys, members, documents }, null, 1));
