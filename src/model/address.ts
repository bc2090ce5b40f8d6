// The address of one resource, `kind/agent/name`: made, taken apart and ordered here.

/** `config/planning-agent/.claude/CLAUDE.md`, `session/planning-agent/main`, `retired/-/planning`. */
export type Address = string;

export interface AddressParts {
  readonly kind: string;
  /** The agent's name, or `-` where a resource belongs to no agent. */
  readonly agent: string;
  readonly name: string;
  /** A JSON pointer behind `#`: one key of a file. */
  readonly pointer?: string;
}

/** Joins the parts of an address. */
export function address(parts: AddressParts): Address {
  const base = `${parts.kind}/${parts.agent}/${parts.name}`;
  return parts.pointer === undefined ? base : `${base}#${parts.pointer}`;
}

/** Takes an address apart; null when the text has not the form `kind/agent/name[#/pointer]`. */
export function parseAddress(text: string): AddressParts | null {
  const match = /^([a-z][a-z-]*)\/([a-z0-9][a-z0-9-]*|-)\/([^#]+)(?:#(\/.*))?$/.exec(text);
  if (!match) return null;
  const [, kind = "", agent = "", name = "", pointer] = match;
  return pointer === undefined ? { kind, agent, name } : { kind, agent, name, pointer };
}

/** The total order of addresses: by code unit, so that it is the same on every machine. */
export function compareAddress(a: Address, b: Address): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
