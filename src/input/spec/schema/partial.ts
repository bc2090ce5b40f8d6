// What can still be read of a document whose shape is wrong, so that all checks run and everything is told at once.
// Nothing of it ever becomes a spec. What is not of the right type is left out, or "" in a list, to keep the places.
import { isJsonObject } from "../../../model/json.ts";
import type { AgentEntry, FleetFile } from "./schema.ts";

/** The agents of a registry file by name. */
export function looseAgents(value: unknown): [name: string, AgentEntry][] {
  const agents = fields(fields(value)["agents"]);
  return Object.entries(agents).flatMap(([name, entry]) =>
    isJsonObject(entry) ? [[name, looseAgent(name, entry)] as [string, AgentEntry]] : [],
  );
}

function looseAgent(name: string, entry: Fields): AgentEntry {
  const dir = text(entry["dir"]);
  const from = text(entry["renamed_from"]);
  return {
    name: text(entry["name"]) || name,
    display_name: "",
    description: "",
    model: "",
    tools: texts(entry["tools"]),
    delegates_to: texts(entry["delegates_to"]),
    cannot_access: texts(entry["cannot_access"]),
    exclusive_access: texts(entry["exclusive_access"]),
    ...(dir === "" ? {} : { dir }),
    ...(from === "" ? {} : { renamed_from: from }),
  };
}

/** The parts of fleet.yaml that are checked against others. */
export function looseFleet(value: unknown): FleetFile {
  const fleet = fields(value);
  const hook = text(fields(fleet["hook"])["path"]);
  const retire = fields(fleet["retire"]);
  const files = fleet["files"];
  return {
    ...(Array.isArray(files) ? { files: files.map((one) => looseFile(fields(one))) } : {}),
    ...(hook === "" ? {} : { hook: { path: hook } }),
    retire: {
      archive: list(retire["archive"]).map((one) => looseArchive(fields(one))),
      delete: texts(retire["delete"]),
      keep: texts(retire["keep"]),
    },
  };
}

function looseFile(file: Fields) {
  return { template: text(file["template"]), target: text(file["target"]) };
}

function looseArchive(entry: Fields) {
  const heir = text(entry["replaced_by"]);
  return { dir: text(entry["dir"]), ...(heir === "" ? {} : { replaced_by: heir }) };
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return isJsonObject(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): string[] {
  return list(value).map(text);
}
