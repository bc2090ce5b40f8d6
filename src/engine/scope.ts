// What a run looks at: agents and kinds named on the command line, with or without live things and local files.
import { parseAddress } from "../model/address.ts";
import type { Kind } from "../model/kind.ts";
import type { Desired, Recorded } from "../model/resource.ts";

export interface ScopeOptions {
  /** Empty: all agents. */
  readonly agents: readonly string[];
  /** One kind only. */
  readonly only?: string | undefined;
  /** No session, no tmux call. */
  readonly filesOnly: boolean;
  /** Also no `*.local.*` files: what a clone holds. */
  readonly portable: boolean;
}

export interface Scope {
  readonly whole: boolean;
  kind(kind: Kind): boolean;
  agent(name: string): boolean;
  resource(one: Desired): boolean;
  /** Whether a recorded address belongs to this run at all. */
  record(address: string, record: Recorded, kinds: readonly Kind[]): boolean;
}

/** Makes the scope of a run from its options. */
export function scopeOf(options: ScopeOptions): Scope {
  const names = new Set(options.agents);
  const scope: Scope = {
    whole: names.size === 0 && options.only === undefined && !options.filesOnly && !options.portable,
    kind: (kind) =>
      (options.only === undefined || kind.name === options.only) &&
      !(kind.live && (options.filesOnly || options.portable)),
    agent: (name) => names.size === 0 || names.has(name),
    resource: (one) => (one.shared === true || scope.agent(one.agent)) && (!options.portable || one.portable),
    record: (address, record, kinds) => {
      const parts = parseAddress(address);
      const kind = kinds.find((one) => one.name === parts?.kind);
      if (!parts || !kind) return false;
      return scope.kind(kind) && scope.agent(parts.agent) && (!options.portable || record.portable);
    },
  };
  return scope;
}
