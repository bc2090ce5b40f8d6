// The closer look at a file that is not byte by byte the desired one: its parts, and what the client makes of it.
import { digestBytes } from "../../delta/digest.ts";
import { placeOf } from "../../delta/edit-read.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Query } from "../../model/kind.ts";
import type { Observed } from "../../model/resource.ts";
import type { FileRead, Reader } from "../../model/world.ts";
import { isRendered } from "./client-costs.ts";
import { clientFindings } from "./client-schema.ts";
import { type Content, readContent } from "./content.ts";
import { sealOf } from "./desire.ts";
import { elementText } from "./parts.ts";
import { type ConfigProps, type ConfigSeen, isClientSettings, pathOf, shownPath } from "./props.ts";
import { unreadState } from "./states.ts";
import type { DiffTools } from "./tools.ts";
import { foreignWidenings } from "./widening.ts";

type ConfigQuery = Query<ConfigProps>;
type ReadFile = Extract<FileRead, { state: "file" }>;

/** Reads and takes apart each file; what explains differences is loaded when there is one. */
export async function lookAtFiles(
  queries: readonly ConfigQuery[],
  fleet: Fleet,
  world: Reader,
): Promise<Map<string, Observed<ConfigSeen>>> {
  const seen = new Map<string, Observed<ConfigSeen>>();
  let tools: DiffTools | undefined;
  for (const query of queries) {
    const read = world.files.read(pathOf(query.want?.at ?? query.record?.at ?? "", fleet), { owned: true });
    const unread = unreadState(query.address, read);
    if (unread || read.state !== "file") {
      if (unread) seen.set(query.address, unread);
      continue;
    }
    const one = look(query, read, fleet);
    if (needsExplaining(query, one)) tools ??= await import("./explain.ts");
    seen.set(query.address, tools ? { ...one, seen: { ...one.seen, tools } } : one);
  }
  return seen;
}

function needsExplaining({ want, record }: ConfigQuery, have: Observed): boolean {
  return !have.same || Object.keys(record?.parts ?? {}).some((path) => want?.parts[path] === undefined);
}

function look(query: ConfigQuery, { bytes, facts }: ReadFile, fleet: Fleet): Observed<ConfigSeen> {
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
      ...(content.flaw === undefined ? {} : { flaw: content.flaw }),
      ...(content.unreadable ? { unreadable: true as const } : {}),
    },
    exists: true,
    same,
    parts: content.parts,
    digest: sealOf(digestBytes(bytes), facts.mode),
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
  const placed = (at: readonly (string | number)[]) => placeOf(read.text, at) ?? { line: 1, col: 1 };
  const client = clientFindings(read.value)
    .filter((finding) => !isRendered(finding, read.value, json))
    .map((finding) => {
      const drops = finding.costs === "file";
      const message = `the client will ignore ${drops ? "this file" : "a part of this file"}: ${finding.message}`;
      return warning({ code: drops ? "W651" : "W652", file, place: placed(finding.at), message });
    });
  const wide = foreignWidenings(read.value, json)
    .filter((finding) => !isRecorded(finding.at, read.value, record?.parts))
    .map((finding) => {
      const message = `WIDENED: ${finding.message} is not in the spec`;
      const hint = "take it out, put it into the template, or set policy.widening: heal";
      return { ...warning({ code: "W650", file, place: placed(finding.at), message }), hint };
    });
  return [...client, ...wide];
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
