// Parsed source files for the checks that look at code: which files are ours, and a walk over their syntax tree.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { filesBelow, root } from "./freshness.mjs";

const CODE = /\.(?:ts|mts|mjs|cjs)$/;

/** Code files below the folders, fixtures left out. */
export function codeFiles(folders) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap(filesBelow)
    .filter((file) => CODE.test(file) && !file.includes("/fixtures/"));
}

/** The file parsed, with its text. */
export function parse(file) {
  const text = readFileSync(join(root, file), "utf8");
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
}

/** Calls `visit` for every node, parents before children. */
export function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** `file:line:col` of a node, counted from 1. */
export function placeOf(source, node) {
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${source.fileName}:${line + 1}:${character + 1}`;
}

/** Prints what was found and sets the exit code. */
export function finish(found) {
  for (const line of found) console.error(line);
  process.exitCode = found.length > 0 ? 1 : 0;
}
