// Tells whether dist/ was built from the present sources. Plain Node, no dependencies: it also runs before npm ci.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, "dist", ".built-from");

/** What dist/ depends on besides the sources. */
const MAKERS = [
  "package.json",
  "package-lock.json",
  ...["build", "bundle", "declarations", "warm"].map((name) => `scripts/${name}.mjs`),
];

/** Every regular file below a folder, sorted, as paths relative to the project root. */
export function filesBelow(folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** One digest over everything the bundle is made of. By content: in a fresh clone modification times mean nothing. */
export function sourcesDigest() {
  const hash = createHash("sha256");
  for (const file of [...filesBelow("src"), ...MAKERS]) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 32);
}

/** True when dist/ holds what the present sources give. */
export function isBuilt(digest = sourcesDigest()) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === digest;
}

export { stamp };
