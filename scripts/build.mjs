// Bundles src/ into dist/: two commands with shared, lazily loaded chunks, and the licences of what is inside.
// Usage: node scripts/build.mjs [--if-stale] [--quiet]
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { isBuilt, root, sourcesDigest, stamp } from "./freshness.mjs";

const dist = join(root, "dist");
const entries = { rollcall: "src/cli.ts", "claude-agent": "src/claude-agent.ts" };
const hashbang = "#!/usr/bin/env node\n";
/** Some dependencies are CommonJS and ask for node built-ins by `require`, which a module has not. */
const requireShim =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';
/** A running process may still import a chunk of the build before: those stay for a while. */
const keepOldChunksMs = 60 * 60 * 1000;

function presentEntries() {
  return Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(join(root, source))));
}

async function bundle(entryPoints, digest) {
  const { build } = await import("esbuild");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir: dist,
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    // The ES form of a package where there is one: named exports of a CommonJS one are lost in a lazily loaded chunk.
    mainFields: ["module", "main"],
    target: "node20.19",
    // Names stay: they stand in stack traces, and errors are named after their class.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "linked",
    banner: { js: requireShim },
    // cosmiconfig would load it for configurations in TypeScript, which Rollcall never reads.
    external: ["typescript"],
    define: { ROLLCALL_VERSION: JSON.stringify(version), ROLLCALL_BUILD: JSON.stringify(digest) },
    metafile: true,
    write: false,
    logLevel: "warning",
  });
}

/** Puts a file in place whole: a process that starts meanwhile sees the old one or the new one. */
function place(path, bytes, mode) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes, { mode });
  renameSync(temporary, path);
}

function writeOutputs(outputs) {
  mkdirSync(join(dist, "chunks"), { recursive: true });
  const isEntry = (output) =>
    Object.keys(entries).includes(basename(output.path, ".mjs")) && dirname(output.path) === dist;
  // Chunks first: an entry must never be there before what it imports.
  for (const output of [...outputs].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    if (!isEntry(output)) place(output.path, output.contents, 0o644);
    else place(output.path, output.text.startsWith("#!") ? output.text : hashbang + output.text, 0o755);
  }
  const written = new Set(outputs.map((output) => output.path));
  for (const name of readdirSync(join(dist, "chunks"))) {
    const path = join(dist, "chunks", name);
    if (!written.has(path) && Date.now() - statSync(path).mtimeMs > keepOldChunksMs) rmSync(path, { force: true });
  }
}

/** Folders of the packages whose code is in the bundle, relative to the root, sorted. */
function bundledPackages(metafile) {
  const folders = new Set();
  for (const output of Object.values(metafile.outputs)) {
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

/** Code that has to be read before the first line runs: an entry with all it imports statically. */
function startBytes(metafile, name) {
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return 0;
    seen.add(path);
    const output = metafile.outputs[path];
    const imported = output.imports.filter((one) => one.kind === "import-statement" && !one.external);
    return output.bytes + imported.reduce((sum, one) => sum + visit(one.path), 0);
  };
  return visit(`dist/${name}.mjs`);
}

function report(metafile, milliseconds) {
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  for (const name of Object.keys(presentEntries())) {
    const { bytes } = metafile.outputs[`dist/${name}.mjs`];
    console.log(`dist/${name}.mjs  ${kib(bytes)}, loaded at start ${kib(startBytes(metafile, name))}`);
  }
  const chunks = Object.entries(metafile.outputs).filter(([path]) => path.startsWith("dist/chunks/"));
  const total = chunks.reduce((sum, [, output]) => sum + output.bytes, 0);
  console.log(`dist/chunks        ${chunks.length} files, ${kib(total)}`);
  console.log(`built in ${milliseconds.toFixed(0)} ms`);
}

async function main(flags) {
  const digest = sourcesDigest();
  if (flags.includes("--if-stale") && isBuilt(digest)) return;
  const entryPoints = presentEntries();
  if (Object.keys(entryPoints).length === 0) throw new Error(`none of ${Object.values(entries).join(", ")} exists`);
  const started = performance.now();
  const { outputFiles, metafile } = await bundle(entryPoints, digest);
  writeOutputs(outputFiles);
  place(join(dist, "THIRD-PARTY.txt"), thirdParty(bundledPackages(metafile)), 0o644);
  place(stamp, digest, 0o644);
  if (!flags.includes("--quiet")) report(metafile, performance.now() - started);
}

main(process.argv.slice(2)).catch((error) => {
  // esbuild has already printed its own errors with their place.
  if (!error.errors) console.error(`build: ${error.message}`);
  console.error(`build: nothing changed in ${relative(process.cwd(), dist) || "."}`);
  process.exitCode = 1;
});
