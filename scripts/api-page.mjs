// Makes docs/api.md from src/index.ts: every export with its doc comment and its type, as the published declarations have it.
import { dirname, join } from "node:path";
import ts from "typescript";
import { declarationOf } from "./declarations.mjs";

const ENTRY = "src/index.ts";

/** Sections in reading order, and the files whose exports are in them. A file in none of them stops the generation. */
const SECTIONS = {
  "A project": [ENTRY],
  "Documents and events": [
    "src/model/plan.ts",
    "src/model/verdict.ts",
    "src/model/outcome.ts",
    "src/report/status.ts",
    "src/model/events.ts",
    "src/model/diagnostic.ts",
    "src/model/fleet.ts",
  ],
  Errors: ["src/model/errors.ts"],
  "A kind of your own": [
    "src/model/kind.ts",
    "src/model/resource.ts",
    "src/model/settled.ts",
    "src/model/capabilities.ts",
    "src/model/world.ts",
    "src/model/address.ts",
    "src/model/json.ts",
    "src/delta/digest.ts",
  ],
  "The loop": ["src/reconcile.ts", "src/engine/request.ts", "src/engine/scope.ts", "src/model/recorder.ts"],
};

const INTRO = [
  "# API",
  "",
  'What a program gets from `import … from "rollcall"`. The package is an ES module; `require` works with it too (Node 20.19 or',
  "newer). The types need `@types/node`. Until 1.0 a minor version may change what is here; the documents are kept stable by",
  "their `formatVersion`.",
  "",
  "```ts",
  'import { openProject } from "rollcall";',
  "",
  'const project = await openProject({ folder: "my-fleet" });',
  "const plan = await project.plan({ filesOnly: true });",
  "for (const { action, address, reason } of plan.actions) console.log(action, address, reason);",
  "console.log(plan.summary);",
  "```",
];

const parsed = new Map();

/** The declarations of a source file as a tree. */
function treeOf(file) {
  if (!parsed.has(file)) {
    parsed.set(file, ts.createSourceFile(file, declarationOf(file), ts.ScriptTarget.Latest, true));
  }
  return parsed.get(file);
}

const isExported = (node) => ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export;
const target = (file, { text }) => join(dirname(file), text);

/** [name, file it comes from, name there] of everything a file takes from others: imports and exports with `from`. */
function taken(file) {
  return treeOf(file).statements.flatMap((node) => {
    const named = node.exportClause ?? node.importClause?.namedBindings;
    if (!node.moduleSpecifier || !named?.elements) return [];
    return named.elements.map(({ name, propertyName }) => ({
      name: name.text,
      isExport: ts.isExportDeclaration(node),
      from: target(file, node.moduleSpecifier),
      there: (propertyName ?? name).text,
    }));
  });
}

/** Declared names of a statement: one, or those of a `const`. */
function namesOf(node) {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.text);
  return node.name ? [node.name.text] : [];
}

/** The statement that declares a name, followed through the files that hand it on: { file, node }. */
function declarationIn(file, name) {
  const node = treeOf(file).statements.find((one) => namesOf(one).includes(name));
  if (node) return { file, node };
  const source = taken(file).find((one) => one.name === name);
  if (!source) throw new Error(`${file} exports ${name}, and nothing declares it`);
  return declarationIn(source.from, source.there);
}

/** Everything that the entry exports, in its order: { name, file, node }. */
function publicNames() {
  const handedOn = taken(ENTRY).filter(({ isExport }) => isExport);
  const own = treeOf(ENTRY).statements.filter((node) => !ts.isExportDeclaration(node) && isExported(node));
  return [
    ...own.flatMap((node) => namesOf(node).map((name) => ({ name, file: ENTRY, node }))),
    ...handedOn.map(({ name, from, there }) => ({ name, ...declarationIn(from, there) })),
  ];
}

/** The doc comment of a declaration as paragraphs of Markdown. */
function commentOf(node) {
  const [doc] = node.jsDoc ?? [];
  const text = doc ? (ts.getTextOfJSDocComment(doc.comment) ?? "") : "";
  return text === "" ? [] : [text.replaceAll(/\s*\n\s*/g, " "), ""];
}

function entry({ name, node }) {
  const code = node
    .getText()
    .replace(/^export (?:declare )?/, "")
    .replaceAll(/^( {4})+/gm, (spaces) => spaces.slice(spaces.length / 2));
  return [`### ${name}`, "", ...commentOf(node), "```ts", code, "```", ""];
}

/** The lines of docs/api.md, without the line that says that it is generated. */
export function apiPage() {
  const names = publicNames();
  const known = Object.values(SECTIONS).flat();
  const lost = names.find(({ file }) => !known.includes(file));
  if (lost) throw new Error(`scripts/api-page.mjs has no section for ${lost.file}, which declares ${lost.name}`);
  const sections = Object.entries(SECTIONS).map(([title, files]) => {
    const inside = files.flatMap((file) => names.filter((one) => one.file === file));
    return [`## ${title}`, "", ...inside.flatMap(entry)];
  });
  return [...INTRO, "", ...sections.flat()].slice(0, -1);
}
