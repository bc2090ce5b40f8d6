// Makes the next section of CHANGELOG.md from changes/NAME.KIND.md, one file per change. Plain Node, no dependencies.
// Usage: node scripts/changelog.mjs               prints the section
//        node scripts/changelog.mjs --check       writes nothing and fails when a file is not as it should be
//        node scripts/changelog.mjs --release X   collects: CHANGELOG.md, the version, and the files are gone
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./freshness.mjs";

/** In the order in which they are printed. */
const KINDS = { security: "Security", added: "Added", changed: "Changed", removed: "Removed", fixed: "Fixed" };

const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/** What is wrong with one file, or null. */
export function complaintAbout(name, text) {
  const kind = /^[a-z0-9]+(?:-[a-z0-9]+)*\.([a-z]+)\.md$/.exec(name)?.[1];
  if (kind === undefined || !Object.hasOwn(KINDS, kind)) {
    return `the name should be WORDS-WITH-DASHES.KIND.md, KIND one of ${Object.keys(KINDS).join(", ")}`;
  }
  if (text.trim() === "") return "it is empty: write what is different for people who use Rollcall";
  if (/\n\s*\n/.test(text.trim()) || /^\s*[#*-]\s/m.test(text))
    return "it should be one paragraph, without headings or lists";
  return null;
}

/** The lines of a section, without its heading. `changes`: [{ name, text }]. */
export function sectionOf(changes) {
  const sorted = changes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Object.entries(KINDS).flatMap(([kind, title]) => {
    const entries = sorted.filter(({ name }) => name.endsWith(`.${kind}.md`));
    const items = entries.map(({ text }) => `- ${text.trim().replaceAll(/\s*\n\s*/g, "\n  ")}`);
    return items.length > 0 ? [`### ${title}`, "", ...items, ""] : [];
  });
}

/**
 * The changelog with the section of a version. A section of that version that is there already and says "unreleased" gets
 * the date, and the entries after its own.
 */
export function withSection(changelog, { version, date, lines }) {
  const [intro = "", ...sections] = changelog.split(/^(?=## )/m);
  const heading = `## ${version} (${date})`;
  const started = sections.find((section) => section.startsWith(`## ${version} (unreleased)`));
  const own = (started ?? "").split("\n").slice(1).join("\n").trim();
  const section = `${[heading, ...(own === "" ? [] : [own]), lines.join("\n").trim()].join("\n\n")}\n\n`;
  return [intro, section, ...sections.filter((one) => one !== started)].join("").trimEnd().concat("\n");
}

function readChanges() {
  const folder = join(root, "changes");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name !== "README.md") : [];
  return names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

function setVersion(file, version) {
  const path = join(root, file);
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  manifest.version = version;
  if (manifest.packages?.[""]) manifest.packages[""].version = version;
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

function release(changes, version) {
  if (!VERSION.test(version ?? "")) throw new Error("give the version: npm run changelog -- --release 1.2.3");
  if (changes.length === 0) throw new Error("changes/ holds no change: there is nothing to release");
  const path = join(root, "CHANGELOG.md");
  const changelog = readFileSync(path, "utf8");
  if (changelog.includes(`\n## ${version} (`) && !changelog.includes(`\n## ${version} (unreleased)`)) {
    throw new Error(`CHANGELOG.md has a section ${version} already`);
  }
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(path, withSection(changelog, { version, date, lines: sectionOf(changes) }));
  for (const file of ["package.json", "package-lock.json"]) setVersion(file, version);
  for (const { name } of changes) rmSync(join(root, "changes", name));
  console.log(`CHANGELOG.md has the section ${version}. Commit it, then tag the commit: git tag v${version}`);
}

function main(flags) {
  const changes = readChanges();
  const complaints = changes.flatMap(({ name, text }) => {
    const complaint = complaintAbout(name, text);
    return complaint === null ? [] : [`changes/${name}: ${complaint}`];
  });
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  if (flags[0] === "--release") release(changes, flags[1]);
  else if (flags[0] !== "--check") console.log(sectionOf(changes).join("\n").trimEnd());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
