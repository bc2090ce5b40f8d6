// Makes a new kind with its test: the example of docs/adding-a-kind.md under another name, and its line in the list.
// Usage: node scripts/new-kind.mjs NAME      (npm run new-kind NAME; then change what it does)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./freshness.mjs";

const PAGE = "docs/adding-a-kind.md";
const LIST = "src/kinds/index.ts";

/** Files of the example by path: fenced code whose opening line names a path. */
export function exampleFiles(page) {
  const fences = page.matchAll(/^```ts ((?:src|test)\/\S+)\n([\s\S]*?)^```$/gm);
  return Object.fromEntries([...fences].map(([, path, text]) => [path, text]));
}

const camel = (name) => name.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const pascal = (name) => camel(name).replace(/^./, (letter) => letter.toUpperCase());

/** The example in the words of another kind. Quoted names and paths keep their dashes. */
export function renamed(text, name) {
  return text
    .replaceAll(/Inbox(?=Props|Seen)/g, pascal(name))
    .replaceAll(/(?<=["`/])inbox\b/g, name)
    .replaceAll(/\binbox\b(?=[.,:]| \}| =)/g, camel(name))
    .replaceAll(/\binbox\b/g, name)
    .replaceAll(/\binboxes\b/g, `folders of ${name}`);
}

/** The list of kinds with one more at its end. */
export function listed(list, name) {
  const imports = `import { ${camel(name)} } from "./${name}/index.ts";\n`;
  return list
    .replace(/\nexport const KINDS/, `${imports}\nexport const KINDS`)
    .replace(/(KINDS: readonly Kind\[\] = \[[^\]]*)\]/, `$1, ${camel(name)}]`);
}

function make(name) {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) throw new Error(`a kind is named in small letters, not "${name}"`);
  if (existsSync(join(root, "src/kinds", name))) throw new Error(`there already is a kind ${name}`);
  const files = exampleFiles(readFileSync(join(root, PAGE), "utf8"));
  for (const [example, text] of Object.entries(files)) {
    const path = join(root, example.replace("/inbox/", `/${name}/`));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, renamed(text, name));
    console.log(`made ${example.replace("/inbox/", `/${name}/`)}`);
  }
  writeFileSync(join(root, LIST), listed(readFileSync(join(root, LIST), "utf8"), name));
  console.log(`added to ${LIST}\nNext: npm run format; npm run docs; npx vitest run test/kinds/${name}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    make(process.argv[2] ?? "");
  } catch (error) {
    console.error(`new-kind: ${error.message}`);
    process.exitCode = 1;
  }
}
