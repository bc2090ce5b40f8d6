// What holds across agents: names, folders, delegation, exclusive paths, renames. Linear in the size of the registry.
import { type GlobPath, readGlob } from "../../../model/glob.ts";
import { didYouMean } from "../../../model/nearest.ts";
import type { Finding, Findings } from "../findings.ts";
import { type DeclaredName, folderOf, placed, type RegistryEntries, type RegistryEntry } from "../registry.ts";
import type { Path } from "../schema/schema-port.ts";
import { show } from "../yaml/source-text.ts";

/** Adds a finding for everything that contradicts across the agents of a roll. */
export function crosscheck(registry: RegistryEntries, findings: Findings): void {
  checkNames(registry.named, findings);
  checkFolders(registry.entries, findings);
  const known = new Set(registry.named.map(({ name }) => name));
  for (const entry of registry.entries) {
    if (entry.declared.name !== entry.name) reportMisnamed(entry, findings);
    if (registry.whole) checkDelegates(entry, known, findings);
  }
  checkExclusive(registry.entries, findings);
  checkRenames(registry.entries, known, findings);
}

function at(entry: RegistryEntry, path: Path, rest: Omit<Finding, "place" | "sourceLine">): Finding {
  return { ...placed(entry, path), ...rest };
}

function reportMisnamed(entry: RegistryEntry, findings: Findings): void {
  findings.add("E130", () =>
    at(entry, ["name"], {
      message: `the name ${show(entry.declared.name)} is not its key ${show(entry.name)}`,
      hint: `name: ${entry.name}`,
      related: [{ ...placed(entry, [], "key").place, message: "the key" }],
    }),
  );
}

/** The same name in two files, and names that differ only in case or in the form of their letters. */
function checkNames(named: readonly DeclaredName[], findings: Findings): void {
  const seen = new Map<string, DeclaredName>();
  for (const one of named) {
    const fold = one.name.normalize("NFC").toLowerCase();
    const first = seen.get(fold);
    if (first === undefined) {
      seen.set(fold, one);
      continue;
    }
    const same = first.name === one.name;
    const where = `${first.place.file}:${first.place.line}:${first.place.col}`;
    findings.add(same ? "E131" : "E132", () => ({
      place: one.place,
      sourceLine: one.sourceLine,
      message: same
        ? `the agent ${show(one.name)} is declared twice: first at ${where}`
        : `the agents ${show(first.name)} and ${show(one.name)} differ only in case or in the form of their letters`,
      hint: same ? "keep one of them" : "rename one of them",
      related: [{ ...first.place, message: "the first one" }],
    }));
  }
}

/** Two agents in one folder. */
function checkFolders(entries: readonly RegistryEntry[], findings: Findings): void {
  const seen = new Map<string, RegistryEntry>();
  for (const entry of entries) {
    const dir = folderOf(entry);
    const fold = dir.toLowerCase();
    const first = seen.get(fold);
    if (first === undefined) {
      seen.set(fold, entry);
      continue;
    }
    // Names that collide were told already; a folder is worth a word only when it was written.
    if (entry.declared.dir === undefined && first.declared.dir === undefined) continue;
    const [owner, other] = entry.declared.dir === undefined ? [first, entry] : [entry, first];
    findings.add("E132", () =>
      at(owner, ["dir"], {
        message: `the folder ${show(dir)} belongs to ${other.name} as well`,
        hint: "give one of them another dir",
        related: [
          { ...placed(other, other.declared.dir === undefined ? [] : ["dir"], "key").place, message: "the other one" },
        ],
      }),
    );
  }
}

function checkDelegates(entry: RegistryEntry, known: ReadonlySet<string>, findings: Findings): void {
  for (const [index, to] of (entry.declared.delegates_to ?? []).entries()) {
    if (to === entry.name) {
      findings.add("E133", () =>
        at(entry, ["delegates_to", index], {
          message: `${entry.name} delegates to itself`,
          hint: "take it out",
          related: [{ ...placed(entry, [], "key").place, message: "declared here" }],
        }),
      );
    } else if (to !== "" && !known.has(to)) {
      findings.add("E104", () =>
        at(entry, ["delegates_to", index], {
          message: `delegates_to names an unknown agent ${show(to)}`,
          hint: didYouMean(to, known) ?? "no agent of that name is declared",
        }),
      );
    }
  }
}

/** One owner per exclusive path; `./tests/**`, `/tests` and `{tests,docs}/**` all name the path `tests/**`. */
function checkExclusive(entries: readonly RegistryEntry[], findings: Findings): void {
  const owners = new Map<string, Claim>();
  for (const entry of entries) {
    for (const [index, glob] of (entry.declared.exclusive_access ?? []).entries()) {
      const claim = { entry, index };
      const rivals = pathKeys(glob).map((key) => {
        const first = owners.get(key);
        if (first === undefined) owners.set(key, claim);
        return first;
      });
      const rival = rivals.find((first) => first !== undefined && first.entry !== entry);
      if (rival !== undefined) reportTwoOwners(claim, rival, findings);
    }
  }
}

/** The paths of a glob, each in one form: `x/**` is `x` at the root. */
function pathKeys(glob: string): string[] {
  const read = readGlob(glob);
  if (!read.ok) return [];
  const key = ({ text, segments }: GlobPath): string =>
    segments[0] === "**" ? text.replace(/^\*\*\//, "") : `/${text.replace(/^\//, "").replace(/\/\*\*$/, "")}`;
  return [...new Set(read.paths.map(key))];
}

type Claim = { readonly entry: RegistryEntry; readonly index: number };

function reportTwoOwners(claim: Claim, first: Claim, findings: Findings): void {
  const glob = claim.entry.declared.exclusive_access?.[claim.index] ?? "";
  findings.add("E134", () =>
    at(claim.entry, ["exclusive_access", claim.index], {
      message: `${show(glob)} is exclusive to ${first.entry.name} and to ${claim.entry.name}`,
      hint: "a path has one owner; leave it with one of them",
      related: [
        {
          ...placed(first.entry, ["exclusive_access", first.index]).place,
          message: `exclusive to ${first.entry.name} here`,
        },
      ],
    }),
  );
}

function checkRenames(entries: readonly RegistryEntry[], known: ReadonlySet<string>, findings: Findings): void {
  const heirs = new Map<string, RegistryEntry>();
  for (const entry of entries) {
    const from = entry.declared.renamed_from;
    if (from === undefined) continue;
    const report = (message: string, hint: string): void =>
      findings.add("E135", () => at(entry, ["renamed_from"], { message, hint }));
    const heir = heirs.get(from);
    if (known.has(from))
      report(`renamed_from names ${show(from)}, which is still declared`, "remove the old entry, or the field");
    else if (heir !== undefined) report(`${show(from)} was renamed to ${heir.name} already`, "one heir per name");
    else heirs.set(from, entry);
  }
}
