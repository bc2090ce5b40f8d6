// The closer look at a file that is not byte by byte the desired one: its parts, and what the client makes of it.

import { clientFindings } from "../../client/settings-schema.ts";
import { digestBytes } from "../../delta/digest.ts";
import { placesIn } from "../../delta/edit-read.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Query } from "../../model/kind.ts";
import type { Observed } from "../../model/resource.ts";
import type { FileRead, Reader } from "../../model/world.ts";
import { type Content, readContent } from "./content.ts";
import { contentDigest } from "./desire.ts";
import type { DiffTools } from "./diff-tools.ts";
import { isRendered } from "./enforcement-loss.ts";
import { unreadState } from "./observation.ts";
import { elementText } from "./parts.ts";
import { type ConfigProps, type ConfigSeen, isClientSettings, pathOf, readLimit, shownPath } from "./types.ts";
import { foreignWidenings } from "./widening.ts";

type ConfigQuery = Query<ConfigProps>;
type ReadFile = Extract<FileRead, { state: "file" }>;

/** Reads and takes apart each file; what explains differences is loaded when there is one. */
export async function inspectFiles(
  queries: readonly ConfigQuery[],
  fleet: Fleet,
  world: Reader,
): Promise<Map<string, Observed<ConfigSeen>>> {
  const seen = new Map<string, Observed<ConfigSeen>>();
  let tools: DiffTools | undefined;
  for (const query of queries) {
    const path = pathOf(query.want?.at ?? query.record?.at ?? "", fleet);
    const read = world.files.read(path, { owned: true, limit: readLimit(query.want?.props.merge) });
    const unread = unreadState(query.address, read);
    if (unread || read.state !== "file") {
      if (unread) seen.set(query.address, unread);
      continue;
    }
    const one = inspectFile(query, read, fleet);
    if (needsExplaining(query, one)) tools ??= await import("./explain.ts");
    seen.set(query.address, tools ? { ...one, seen: { ...one.seen, tools } } : one);
  }
  return seen;
}

function needsExplaining({ want, record }: ConfigQuery, have: Observed): boolean {
  return !have.same || Object.keys(record?.parts ?? {}).some((path) => want?.parts[path] === undefined);
}

function inspectFile(query: ConfigQuery, { bytes, facts }: ReadFile, fleet: Fleet): Observed<ConfigSeen> {
  const { address, want, record } = query;
  const content = readContent({
    bytes,
    mode: facts.mode,
    paths: [...new Set([...Object.keys(want?.parts ?? {}), ...Object.keys(record?.parts ?? {})])],
    want: want?.props,
    record,
    hookPath: fleet.hook.path,
  });
  const diagnostics = want && isClientSettings(want.props.target) ? findingsOf(query, content, fleet) : [];
  const same =
    want !== undefined &&
    Object.entries(want.parts).every(([path, part]) => content.parts[path]?.digest === part.digest);
  return {
    address,
    seen: {
      mode: facts.mode,
      bytes,
      ...(content.defect === undefined ? {} : { defect: content.defect }),
      ...(content.unreadable ? { unreadable: true as const } : {}),
    },
    exists: true,
    same,
    parts: content.parts,
    digest: contentDigest(digestBytes(bytes), facts.mode),
    ...(diagnostics.length > 0 ? { diagnostics } : {}),
  };
}

/** What the client drops or ignores in the file, and what foreign entries permit: warnings with their place. */
function findingsOf({ want, record }: ConfigQuery, content: Content, fleet: Fleet): Diagnostic[] {
  const { read } = content;
  if (!want || !read) return [];
  const file = shownPath(want.at, fleet);
  if (read.state === "unreadable" || read.state === "comments") {
    const place = read.place ?? { line: 1, col: 1 };
    return [warning({ code: "W651", file, place, message: `the client will ignore this file: ${read.why}` })];
  }
  const json = want.props.json ?? {};
  const place = placesIn(read.text);
  const diagnosticAt = (code: string, at: readonly (string | number)[], message: string) =>
    warning({ code, file, place: place(at) ?? { line: 1, col: 1 }, message });
  const client = clientFindings(read.value).filter((finding) => !isRendered(finding, read.value, json));
  const costly = client.filter(({ costs }) => costs === "file");
  const minor = client.filter(({ costs }) => costs !== "file");
  const wide = foreignWidenings(read.value, json).filter(
    (finding) => !isRecorded(finding.at, read.value, record?.parts),
  );
  return [
    ...few(costly, ({ at }, what) => diagnosticAt("W651", at, `the client will ignore this file: ${what}`)),
    ...few(minor, ({ at }, what) => diagnosticAt("W652", at, `the client will ignore a part of this file: ${what}`)),
    ...few(wide, ({ at }, what) => {
      const hint = "take it out, put it into the template, or set policy.widening: heal";
      return { ...diagnosticAt("W650", at, `WIDENED: ${what} is not in the spec`), hint };
    }),
  ];
}

/** So many of one sort are told one by one, the rest as a count: whoever writes the file must not set the length of our answer. */
const MOST_FINDINGS = 50;

function few<T extends { readonly message: string }>(
  findings: readonly T[],
  diagnosticOf: (finding: T, what: string) => Diagnostic,
): Diagnostic[] {
  const listed = findings.slice(0, MOST_FINDINGS).map((one) => diagnosticOf(one, one.message));
  const [next, ...more] = findings.slice(MOST_FINDINGS);
  return next ? [...listed, diagnosticOf(next, `${next.message}, as ${more.length} more,`)] : listed;
}

/** An element that we wrote ourselves and no longer want goes by itself. */
function isRecorded(
  at: readonly (string | number)[],
  document: JsonObject,
  recorded: Readonly<Record<string, string>> | undefined,
): boolean {
  const [top, list, index] = at;
  if (!recorded || typeof index !== "number") return false;
  const permissions = document[String(top)] as JsonObject;
  const elements = permissions[String(list)];
  const element = Array.isArray(elements) ? elements[index] : undefined;
  const suffix = element === undefined ? "" : elementText(element).replaceAll("~", "~0").replaceAll("/", "~1");
  return recorded[`/${String(top)}/${String(list)}/${suffix}`] !== undefined;
}

function warning(options: {
  readonly code: string;
  readonly file: string;
  readonly place: { readonly line: number; readonly col: number };
  readonly message: string;
}): Diagnostic {
  const { code, file, place, message } = options;
  return { code, severity: "warning", file, line: place.line, col: place.col, message };
}
