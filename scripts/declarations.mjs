// Makes the type declarations of the public interface: src/index.ts and every file that its types name, one .d.ts each.
// File by file, without a type checker (`npm run types` is that): exports whose type is not written down are an error.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { root } from "./freshness.mjs";

const compilerOptions = {
  declaration: true,
  isolatedDeclarations: true,
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
};

/** A relative import with its .ts: in `from "./x.ts"` and in `import("./x.ts")`. */
const RELATIVE = /(\bfrom |\bimport\()"(\.[^"]+)\.ts"/g;

/** The declarations of one source file, as TypeScript prints them. */
export function declarationOf(file) {
  const fileName = join(root, file);
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(fileName, "utf8"), {
    fileName,
    reportDiagnostics: true,
    compilerOptions,
  });
  const [wrong] = diagnostics ?? [];
  if (wrong) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(wrong.messageText, " ")}`);
  return outputText;
}

/** Files of dist/types/, relative to dist/: [{ path, text }]. */
export function declarations() {
  const files = new Map();
  const queue = ["src/index.ts"];
  for (let file = queue.pop(); file; file = queue.pop()) {
    if (files.has(file)) continue;
    const text = declarationOf(file);
    files.set(file, text);
    for (const [, , target] of text.matchAll(RELATIVE)) queue.push(join(dirname(file), `${target}.ts`));
  }
  return [...files].map(([file, text]) => ({
    path: join("types", relative("src", file)).replace(/\.ts$/, ".d.ts"),
    text: text.replaceAll(RELATIVE, '$1"$2.js"'),
  }));
}
