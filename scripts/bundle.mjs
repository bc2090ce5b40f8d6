// Makes the files of dist/ in memory: the program in one file, each library that is rarely needed in one of its own, the
// two small files that load the program, and the public interface for programs with its types.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./freshness.mjs";

/** Commands and the name of each in src/core.ts. */
export const COMMANDS = { rollcall: "rollcall", "claude-agent": "claudeAgent" };
/** In the program itself, because every plan goes through them. All other libraries are read by whoever needs them. */
const INSIDE = new Set(["commander"]);
/** Imported as one object, as CommonJS packages are; of the others each name is imported by itself. */
const WHOLE = new Set(["deep-diff", "fast-json-patch"]);
/** cosmiconfig would load it for configurations in TypeScript, which Rollcall never reads. */
const NEVER_LOADED = ["typescript"];

const settings = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  // The program is a script, not a module: what it loads later it loads by `require`.
  supported: { "dynamic-import": false },
  // The ES form of a package where there is one: only there is unused code left out.
  mainFields: ["module", "main"],
  // Names stay: they stand in stack traces, and errors are named after their class.
  minifySyntax: true,
  minifyWhitespace: true,
  // What is read as Latin-1 must hold nothing else.
  charset: "ascii",
  legalComments: "none",
  external: NEVER_LOADED,
  metafile: true,
  write: false,
  logLevel: "warning",
};

const packageOf = (specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
const bareName = (specifier) => packageOf(specifier).replaceAll(/[@/]+/g, "-").replace(/^-/, "");

/** Turns imports of libraries into reads of their own files, and collects their names in `found`. */
function apart(found, fileOf) {
  return {
    name: "libraries-apart",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        const known = path.startsWith("node:") || INSIDE.has(packageOf(path)) || NEVER_LOADED.includes(path);
        if (kind === "entry-point" || known) return undefined;
        found.add(path);
        return { path: `./${fileOf(path)}`, external: true };
      });
    },
  };
}

/** A library's file carries its version: whatever program was built with it finds it, also after a later build. */
function libraryFile(specifier) {
  const manifest = JSON.parse(readFileSync(join(root, "node_modules", packageOf(specifier), "package.json"), "utf8"));
  return `lib/${bareName(specifier)}-${manifest.version}.cjs`;
}

/** One library as a CommonJS file that looks to an importer as the package itself does to Node. */
async function library(build, specifier) {
  const contents = WHOLE.has(specifier) ? `module.exports = require("${specifier}");` : `export * from "${specifier}";`;
  const stdin = { contents, resolveDir: root, sourcefile: `${bareName(specifier)}.js` };
  const { outputFiles, metafile } = await build({ ...settings, stdin });
  return { path: libraryFile(specifier), text: outputFiles[0].text, metafile };
}

const digestOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** What `import "rollcall"` loads. The names that it exports are those that Node finds in the bundle. */
function forPrograms({ outputFiles }) {
  return [
    { path: "index.cjs", text: outputFiles[0].text },
    { path: "index.mjs", text: 'export * from "./index.cjs";\n' },
  ];
}

/** Every file of dist/ that is made of the sources: { core, files: [{ path, text, mode }], metafiles }. */
export async function bundle(sources) {
  // Packages are loaded here and not above: whoever imports this file may be about to install them.
  const { build } = await import("esbuild");
  const { declarations } = await import("./declarations.mjs");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const found = new Set();
  const bundled = (entry) =>
    build({
      ...settings,
      entryPoints: [entry],
      plugins: [apart(found, libraryFile)],
      define: {
        ROLLCALL_VERSION: JSON.stringify(version),
        ROLLCALL_BUILD: JSON.stringify(sources),
        "import.meta.dirname": "__dirname",
      },
    });
  const [program, api] = await Promise.all([bundled("src/core.ts"), bundled("src/index.ts")]);
  // As Node itself would wrap it: the launcher reads it and runs it, without a copy made in between.
  const text = `(function (exports, require, module, __filename, __dirname) {${program.outputFiles[0].text}\n})`;
  const core = `core-${digestOf(text)}`;
  const libraries = await Promise.all([...found].sort().map((specifier) => library(build, specifier)));
  const launchers = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, command]) => {
      const define = { ROLLCALL_COMMAND: JSON.stringify(command), ROLLCALL_CORE: JSON.stringify(core) };
      const made = await build({ ...settings, entryPoints: ["src/launch.ts"], define });
      return { path: `${name}.cjs`, text: `#!/usr/bin/env node\n${made.outputFiles[0].text}`, mode: 0o755 };
    }),
  );
  // A program before what loads it: at no moment may a launcher be there without what it wants.
  const files = [...libraries, { path: `${core}.cjs`, text }, ...launchers, ...forPrograms(api), ...declarations()];
  return {
    core,
    files: files.map(({ path, text: contents, mode = 0o644 }) => ({ path, text: contents, mode })),
    metafiles: [program.metafile, api.metafile, ...libraries.map((one) => one.metafile)],
  };
}
