// Writes the pages and schemas that are made from the program's own data, so that they cannot say anything else.
// Usage: node scripts/generate-docs.mjs [--check]     --check writes nothing and fails when a page is stale
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { apiPage } from "./api-page.mjs";
import { filesBelow, root } from "./freshness.mjs";

const codeFiles = filesBelow("src/report/codes").filter((file) => !/\/(?:code|index)\.ts$/.test(file));

/** What the pages are made from, as one module. */
const DATA = [
  'export { DECISION_TABLE } from "./src/engine/table.ts";',
  'export { DRIFT, PENDING } from "./src/model/verdict.ts";',
  'export { KINDS } from "./src/kinds/index.ts";',
  'export { jsonSchemas } from "./src/input/spec/schema/json-schema.ts";',
  ...codeFiles.map((file, index) => `import * as codes${index} from "./${file}";`),
  `export const CODES = Object.assign({}, ${codeFiles.map((_, index) => `...Object.values(codes${index})`).join(", ")});`,
].join("\n");

/** Bundles the data module, loads it, and leaves nothing behind. */
async function loadData() {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-docs-"));
  try {
    const outfile = join(folder, "data.mjs");
    await build({
      absWorkingDir: root,
      stdin: { contents: DATA, resolveDir: root, loader: "ts" },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      banner: { js: 'import { createRequire as __r } from "node:module"; const require = __r(import.meta.url);' },
      logLevel: "error",
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const generated = (source) => `<!-- Made by scripts/generate-docs.mjs from ${source}. Do not edit: npm run docs -->`;
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const row = (...cells) => `| ${cells.map(cell).join(" | ")} |`;

function verdictsPage({ DECISION_TABLE, DRIFT, PENDING }) {
  const counted = (verdict) =>
    [DRIFT.has(verdict) && "drift", PENDING.has(verdict) && "pending"].filter(Boolean).join(", ");
  return [
    generated("src/engine/table.ts"),
    "# Verdicts",
    "",
    "A verdict is a fact about one resource, found from three views of it: what is desired, what is observed, and what",
    "was recorded when Rollcall last applied it. What is done about it is a choice of the plan, within the guards.",
    "",
    row("desired", "observed", "recorded", "verdict", "counts as", "default action"),
    "|---|---|---|---|---|---|",
    ...DECISION_TABLE.map((one) =>
      row(one.desired, one.observed, one.recorded, `**${one.verdict}**`, counted(one.verdict), one.action),
    ),
    "",
    "In a JSON file the table holds for every owned path by itself; the file has the worst verdict of its paths. What",
    "enforces an agent's limits (the hook, and the settings that name it) is never conflicting: it is always healed.",
  ];
}

function kindsPage({ KINDS }) {
  const parts = KINDS.map(({ name, live, describe }) => [
    `## ${name}`,
    "",
    `- **Owns:** ${describe.owns}`,
    `- **In sync means:** ${describe.inSync}`,
    `- **Addresses:** ${describe.addresses}`,
    `- **With \`--files-only\`:** ${live ? "left out" : "included"}`,
    "",
  ]);
  return [generated("the kinds' own descriptions"), "# Kinds", "", ...parts.flat()].slice(0, -1);
}

const ROOMS_OF_CODES = [
  ["0", "Usage and configuration"],
  ["1", "The specification"],
  ["2", "Templates and rendered output"],
  ["3", "Plan, apply and guards"],
  ["4", "Lock, ledger and journal"],
  ["5", "Files and processes of the host"],
  ["6", "Hooks, enforcement and the client's schema"],
  ["7", "Sessions"],
];

function codesPage({ CODES }) {
  const ofRoom = (digit) =>
    Object.entries(CODES)
      .filter(([code]) => code[1] === digit)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const entry = ([code, { title, meaning, remedy }]) => [
    `### ${code}: ${title}`,
    "",
    meaning,
    "",
    `**What to do:** ${remedy}`,
    "",
  ];
  const rooms = ROOMS_OF_CODES.filter(([digit]) => ofRoom(digit).length > 0);
  return [
    generated("src/report/codes/"),
    "# Codes",
    "",
    "Every error (E) and warning (W) has a stable code. `rollcall explain CODE` prints the same text.",
    "",
    ...rooms.flatMap(([digit, title]) => [`## ${title}`, "", ...ofRoom(digit).flatMap(entry)]),
  ].slice(0, -1);
}

const referencePage = () => [generated("src/index.ts"), ...apiPage()];

/** Path → text of everything that is generated. */
function pages(data) {
  const markdown = { verdicts: verdictsPage, kinds: kindsPage, codes: codesPage, api: referencePage };
  const docs = Object.entries(markdown).map(([name, page]) => [`docs/${name}.md`, `${page(data).join("\n")}\n`]);
  const schemas = Object.entries(data.jsonSchemas()).map(([name, schema]) => [
    `schema/${name}.schema.json`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]);
  return Object.fromEntries([...docs, ...schemas]);
}

function presentText(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return null;
  }
}

const wanted = pages(await loadData());
const stale = Object.keys(wanted).filter((path) => presentText(path) !== wanted[path]);
if (process.argv.includes("--check")) {
  for (const path of stale) console.error(`${path} is stale: npm run docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), wanted[path]);
    console.log(`wrote ${path}`);
  }
}
