// Builds dist/: both commands as one program, its libraries apart, the code V8 made of it, the interface for programs with
// its types, and the licences of what is inside. Usage: node scripts/build.mjs [--if-stale] [--quiet] [--into FOLDER]   (a package elsewhere: its dist/ is made)
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { bundle } from "./bundle.mjs";
import { isBuilt, root, sourcesDigest, stamp } from "./freshness.mjs";

const into = process.argv.indexOf("--into");
const dist = join(into === -1 ? root : resolve(process.argv[into + 1] ?? ""), "dist");
/** A running process may still read a file of the build before: those stay for a while. */
const keepOldFilesMs = 60 * 60 * 1000;

/** Puts a file in place whole: a process that starts meanwhile sees the old one or the new one. */
function place(path, bytes, mode) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes, { mode });
  renameSync(temporary, path);
}

function writeFiles(files) {
  for (const { path, text, mode } of files) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    place(join(dist, path), text, mode);
  }
}

/** Takes away what no build of the last hour made. */
function sweep(kept) {
  for (const name of readdirSync(dist, { recursive: true })) {
    const path = join(dist, name);
    const facts = statSync(path);
    if (facts.isFile() && !kept.has(name) && Date.now() - facts.mtimeMs > keepOldFilesMs) rmSync(path, { force: true });
  }
}

/**
 * Lets the program run once, so that V8's compiled form of it can be kept. The program works without: a machine where that
 * fails only starts it more slowly.
 */
function warm(core) {
  const kept = join(dist, `${core}.cache`);
  const made = spawnSync(process.execPath, [join(root, "scripts", "warm.mjs"), join(dist, "rollcall.cjs"), kept], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (made.status !== 0) console.error(`build: no compiled code was kept, starts are slower\n${made.stderr}`);
}

/** Folders of the packages whose code is in the bundle, relative to the root, sorted. */
function bundledPackages(metafiles) {
  const folders = new Set();
  for (const output of metafiles.flatMap((one) => Object.values(one.outputs))) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
      if (found && bytesInOutput > 0) folders.add(found[0]);
    }
  }
  return [...folders].sort();
}

/** The text of THIRD-PARTY.txt: every bundled package with its licence. A package without one stops the build. */
function thirdParty(folders) {
  const parts = folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
    if (!manifest.license && !file) throw new Error(`${folder} is bundled and names no licence`);
    const text = file ? readFileSync(join(root, folder, file), "utf8").trim() : "(no licence file in the package)";
    return `${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})\n\n${text}\n`;
  });
  return `Rollcall contains code of these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

function report({ files, core }, milliseconds) {
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  const compiled = statSync(join(dist, `${core}.cache`), { throwIfNoEntry: false });
  const types = files.filter(({ path }) => path.startsWith("types/"));
  for (const { path, text } of files.filter((file) => !types.includes(file)))
    console.log(`dist/${path.padEnd(32)} ${kib(text.length).padStart(9)}`);
  const typed = types.reduce((sum, { text }) => sum + text.length, 0);
  console.log(`dist/${`types/ (${types.length} files)`.padEnd(32)} ${kib(typed).padStart(9)}`);
  if (compiled) console.log(`dist/${`${core}.cache`.padEnd(32)} ${kib(compiled.size).padStart(9)}`);
  console.log(`built in ${milliseconds.toFixed(0)} ms`);
}

async function main(flags) {
  const digest = sourcesDigest();
  if (flags.includes("--if-stale") && isBuilt(digest)) return;
  const started = performance.now();
  const made = await bundle(digest);
  writeFiles(made.files);
  warm(made.core);
  place(join(dist, "THIRD-PARTY.txt"), thirdParty(bundledPackages(made.metafiles)), 0o644);
  if (into === -1) place(stamp, digest, 0o644);
  sweep(new Set([...made.files.map(({ path }) => path), `${made.core}.cache`, "THIRD-PARTY.txt", ".built-from"]));
  if (!flags.includes("--quiet")) report(made, performance.now() - started);
}

main(process.argv.slice(2)).catch((error) => {
  // esbuild has already printed its own errors with their place.
  if (!error.errors) console.error(`build: ${error.message}`);
  console.error(`build: nothing changed in ${relative(process.cwd(), dist) || "."}`);
  process.exitCode = 1;
});
