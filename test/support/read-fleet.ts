// Reads this repository's own desired/ and templates/ for golden tests, without the loader another room is building.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { AgentSpec, Spec } from "../../src/model/fleet.ts";
import { agentSpec, buildSpec, MACHINE } from "./spec-builders.ts";

const ROOT = new URL("../../", import.meta.url);

export function readText(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

interface Entry {
  readonly name: string;
  readonly display_name: string;
  readonly description: string;
  readonly model: string;
  readonly tools: readonly string[];
  readonly delegates_to?: readonly string[];
  readonly cannot_access?: readonly string[];
  readonly exclusive_access?: readonly string[];
  readonly labels?: readonly string[];
  readonly responsibilities: readonly string[];
  readonly forbidden: readonly string[];
}

export function readEntries(): Readonly<Record<string, Entry>> {
  return (parse(readText("desired/registry.yaml")) as { agents: Record<string, Entry> }).agents;
}

/** The 26 agents as the loader shall hand them over. */
function readAgents(): AgentSpec[] {
  const entries = Object.values(readEntries());
  return entries.map((entry) => {
    const own = (entry.cannot_access ?? []).map((glob) => ({ glob }));
    const others = entries
      .filter((other) => other.name !== entry.name)
      .flatMap((other) => (other.exclusive_access ?? []).map((glob) => ({ glob, owner: other.name })));
    const denied = new Map([...own, ...others].map((one) => [one.glob, one]));
    return agentSpec({
      name: entry.name,
      displayName: entry.display_name,
      description: entry.description,
      model: entry.model,
      tools: entry.tools,
      delegatesTo: entry.delegates_to ?? [],
      cannotAccess: entry.cannot_access ?? [],
      exclusiveAccess: entry.exclusive_access ?? [],
      labels: entry.labels ?? [],
      responsibilities: entry.responsibilities,
      forbidden: entry.forbidden,
      deniedGlobs: [...denied.values()].sort((a, b) => (a.glob < b.glob ? -1 : 1)),
    });
  });
}

/** This repository's fleet, at /srv/newsroom. */
export function readFleet(): Spec {
  const names = ["settings.json", "settings.local.json", "CLAUDE.md"];
  return buildSpec({
    name: "instructor-workflow",
    agents: readAgents(),
    files: names.map((name) => ({
      template: name,
      target: `.claude/${name}`,
      merge: name.endsWith(".json") ? "keys" : "whole",
      mode: "0644",
    })),
    templates: Object.fromEntries(names.map((name) => [name, readText(`templates/${name}`)])),
    machine: MACHINE,
  });
}
