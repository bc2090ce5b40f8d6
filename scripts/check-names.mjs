// Holds the vocabulary and the places: no empty words in names, a first line that says what a file is for, and no
// path of this machine or address of a registry in any committed file.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./freshness.mjs";
import { codeFiles, finish, parse, placeOf, walk } from "./syntax.mjs";

/** Words that say nothing about what a thing does. */
const EMPTY_WORDS = new Set(["manager", "helper", "util", "utility", "service", "provider", "impl"]);

/** The empty word in a camelCase, snake_case or kebab-case name, or undefined. Plurals count. */
function emptyWord(name) {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[^A-Za-z0-9]+/);
  return words
    .map((word) => word.toLowerCase())
    .map((word) => (word === "utilities" ? "utility" : word.replace(/s$/, "")))
    .find((word) => EMPTY_WORDS.has(word));
}

/** A name that we chose: a declaration. Names that others chose (imported, properties of others) are theirs. */
function isDeclared(node) {
  const { parent } = node;
  if (!parent || parent.name !== node) return false;
  return !ts.isPropertyAccessExpression(parent) && !(ts.isImportSpecifier(parent) && !parent.propertyName);
}

function checkNames(file) {
  const found = [];
  const inPath = file.split("/").find((part) => emptyWord(part.replace(/\.[a-z]+$/, "")));
  if (inPath) found.push(`${file}: the name "${inPath}" says nothing about what is in it`);
  const source = parse(file);
  walk(source, (node) => {
    const word = ts.isIdentifier(node) && isDeclared(node) ? emptyWord(node.text) : undefined;
    if (word) found.push(`${placeOf(source, node)}: ${node.text}: "${word}" says nothing about what it does`);
  });
  return found;
}

/** Every code file begins with a comment that says what it is for (after a `#!` line). */
function checkFirstLine(file) {
  const [first = "", second = ""] = readFileSync(join(root, file), "utf8").split("\n", 2);
  const line = first.startsWith("#!") ? second : first;
  return /^\/\/ \S/.test(line) ? [] : [`${file}:1: the first line is no comment that says what the file is for`];
}

function committedFiles() {
  return execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
}

/** The clone's own folder, the user's home and the addresses packages came from: none belongs into a commit. */
function checkPlaces(file) {
  let text;
  try {
    text = readFileSync(join(root, file), "utf8");
  } catch {
    return [];
  }
  const found = [];
  const places = [root.replace(/\/$/, ""), homedir()].filter((place) => place.split("/").length > 2);
  for (const place of places) if (text.includes(`${place}/`)) found.push(`${file}: names the folder ${place}`);
  if (file === "package-lock.json") found.push(...checkLock(file, text));
  return found;
}

/** npm ci refuses a lock file in which a package for another machine is missing (a registry may not have had it). */
function checkLock(file, text) {
  const found = [];
  if (text.includes('"resolved"')) {
    found.push(`${file}: records where packages came from; use npm install --omit-lockfile-registry-resolved`);
  }
  const { packages } = JSON.parse(text);
  const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
  for (const [path, one] of Object.entries(packages)) {
    const absent = Object.keys(one.optionalDependencies ?? {}).filter((name) => !locked.has(name));
    if (absent.length > 0) found.push(`${file}: ${path} names ${absent.join(", ")}, which it does not hold`);
  }
  return found;
}

const code = codeFiles(["src", "scripts", "test"]);
finish([...code.flatMap(checkNames), ...code.flatMap(checkFirstLine), ...committedFiles().flatMap(checkPlaces)]);
