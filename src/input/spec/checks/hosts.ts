// Agents that are meant for another machine: Rollcall knows one machine so far, and runs them here.
import type { Findings } from "../findings.ts";
import { placed, type RegistryEntry } from "../registry.ts";
import { show } from "../yaml/source-text.ts";

/** One warning per host that is not this machine, at the first agent that names it. */
export function checkHosts(entries: readonly RegistryEntry[], hostname: string | undefined, findings: Findings): void {
  const elsewhere = new Map<string, RegistryEntry[]>();
  for (const entry of entries) {
    const { host } = entry.declared;
    if (host === undefined || isHere(host, hostname)) continue;
    elsewhere.set(host, [...(elsewhere.get(host) ?? []), entry]);
  }
  for (const [host, [first, ...others]] of elsewhere) {
    if (first === undefined) continue;
    findings.add("W162", () => ({
      ...placed(first, ["host"]),
      message: `${agents(first, others)} on this machine${hostname === undefined ? "" : ` (${hostname})`}, although host says ${show(host)}`,
      hint: "host has no effect yet: Rollcall does not know several machines so far; enabled: false leaves an agent out",
    }));
  }
}

/** The name of this machine, with or without its domain, or the name that every machine has for itself. */
function isHere(host: string, hostname = ""): boolean {
  const [word, name] = [host, hostname].map((text) => text.toLowerCase());
  return word === "localhost" || (word !== "" && (word === name || word === name?.split(".")[0]));
}

function agents({ name }: RegistryEntry, others: readonly RegistryEntry[]): string {
  if (others.length === 0) return `${name} runs`;
  return `${name} and ${others.length} more agent${others.length === 1 ? "" : "s"} run`;
}
