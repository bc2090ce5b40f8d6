// The records as the engine reads them: lock file and ledger joined by address, for one tmux socket.
import type { Address } from "../model/address.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { JsonObject } from "../model/json.ts";
import type { Elsewhere, Recorded, Records } from "../model/resource.ts";
import type { UnfinishedRun } from "./journal.ts";
import type { Line } from "./line-format.ts";
import type { LedgerHead } from "./schema.ts";

/** What was read, and is replaced by what is committed. */
export interface Stored {
  head: LedgerHead;
  /** By address: the lock file. */
  portable: ReadonlyMap<string, Line>;
  /** By key: the ledger. */
  local: ReadonlyMap<string, Line>;
  stale: boolean;
  readonly present: { readonly ledger: boolean; readonly lockFile: boolean };
  readonly notes: readonly Diagnostic[];
}

const SESSION = "session/";

/** The ledger's key of an address: a session is recorded per socket, `session/planning-agent/main@rollcall-x-1234`. */
export function keyOf(address: Address, socket: string): string {
  return address.startsWith(SESSION) ? `${address}@${socket}` : address;
}

/** The tmux socket in a session's key; none for other records. */
export function socketOf(key: string): readonly string[] {
  const { socket } = splitKey(key);
  return socket === null ? [] : [socket];
}

function splitKey(key: string): { readonly address: Address; readonly socket: string | null } {
  const at = key.startsWith(SESSION) ? key.indexOf("@") : -1;
  return at < 0 ? { address: key, socket: null } : { address: key.slice(0, at), socket: key.slice(at + 1) };
}

export interface View {
  records(socket: string): Records;
  noted(address: Address): JsonObject | undefined;
  /** After a commit or with other journals: everything is looked up anew. */
  forget(): void;
}

export function createView(stored: Stored, runs: () => readonly UnfinishedRun[]): View {
  return new RecordView(stored, runs);
}

type BySocket = Map<Address, { readonly socket: string; readonly line: Line }[]>;

class RecordView implements View {
  private readonly stored: Stored;
  private readonly runs: () => readonly UnfinishedRun[];
  private known = new Map<string, Recorded>();
  private bySocket: BySocket | null = null;
  private intents: Map<Address, Record<string, string[]>> | null = null;

  constructor(stored: Stored, runs: () => readonly UnfinishedRun[]) {
    this.stored = stored;
    this.runs = runs;
  }

  private get(address: Address, socket: string): Recorded | undefined {
    const key = keyOf(address, socket);
    const seen = this.known.get(key);
    if (seen) return seen;
    const own = this.stored.local.get(key);
    const shared = this.stored.portable.get(address);
    const line = shared ?? own;
    if (line?.digest === undefined) return undefined;
    const note = this.noted(address);
    const record = lazyRecord({
      line,
      portable: shared !== undefined,
      mayHaveFacts: note !== undefined || hasFacts(own),
      facts: () => factsOf(own, note),
    });
    this.known.set(key, record);
    return record;
  }

  noted(address: Address): JsonObject | undefined {
    return this.runs().reduce<JsonObject | undefined>((found, run) => run.notes.get(address) ?? found, undefined);
  }

  private sockets(): BySocket {
    if (this.bySocket) return this.bySocket;
    const found: BySocket = new Map();
    this.bySocket = found;
    for (const [key, line] of this.stored.local) {
      const { address, socket } = splitKey(key);
      if (socket !== null) found.set(address, [...(found.get(address) ?? []), { socket, line }]);
    }
    return found;
  }

  private others(address: Address, socket: string): readonly Elsewhere[] {
    if (!address.startsWith(SESSION)) return NONE;
    const found =
      this.sockets()
        .get(address)
        ?.filter((one) => one.socket !== socket) ?? NONE;
    return found.map((one) => ({
      socket: one.socket,
      record: lazyRecord({
        line: one.line,
        portable: false,
        mayHaveFacts: hasFacts(one.line),
        facts: () => factsOf(one.line, undefined),
      }),
    }));
  }

  private *addresses(socket: string): Iterable<Address> {
    for (const [key, line] of this.stored.local) {
      if (line.digest === undefined || this.stored.portable.has(key)) continue;
      const { address, socket: on } = splitKey(key);
      if (on === null || on === socket) yield address;
    }
    yield* this.stored.portable.keys();
  }

  forget(): void {
    this.known = new Map();
    this.bySocket = null;
    this.intents = null;
  }

  records(socket: string): Records {
    const { lineage, serial, holds } = this.stored.head;
    return {
      lineage,
      serial,
      holds,
      get: (address) => this.get(address, socket),
      addresses: () => this.addresses(socket),
      elsewhere: (address) => this.others(address, socket),
      unfinished: (address) => this.unfinished(address),
    };
  }

  private unfinished(address: Address): Record<string, string[]> | undefined {
    this.intents ??= afterDigests(this.runs());
    return this.intents.get(address);
  }
}

const NONE: readonly never[] = [];

/** What the runs that did not end may have written: per address and part the digests. */
function afterDigests(runs: readonly UnfinishedRun[]): Map<Address, Record<string, string[]>> {
  const found = new Map<Address, Record<string, string[]>>();
  for (const { address, after } of runs.flatMap((run) => run.intents)) {
    const parts = found.get(address) ?? {};
    for (const [path, digest] of Object.entries(after)) parts[path] = [...(parts[path] ?? []), digest];
    found.set(address, parts);
  }
  return found;
}

function factsOf(line: Line | undefined, noted: JsonObject | undefined): JsonObject | undefined {
  const recorded = line?.entry().facts;
  return noted === undefined ? recorded : { ...recorded, ...noted };
}

interface LazySource {
  readonly line: Line;
  readonly portable: boolean;
  readonly mayHaveFacts: boolean;
  readonly facts: () => JsonObject | undefined;
}

/** Parsed when it is looked at. `digest` is not enumerable: a changed copy must not claim it. */
function lazyRecord(source: LazySource): Recorded {
  const record = source.mayHaveFacts ? withFacts(source) : withoutFacts(source);
  Object.defineProperty(record, "digest", { value: source.line.digest });
  if (source.line.protect) Object.defineProperty(record, "protect", { value: true, enumerable: true });
  return record;
}

function withoutFacts({ line, portable }: LazySource): Recorded {
  return {
    portable,
    get parts() {
      return line.entry().parts ?? {};
    },
    get at() {
      return line.entry().at ?? "";
    },
  };
}

function withFacts({ line, portable, facts }: LazySource): Recorded {
  return {
    portable,
    get parts() {
      return line.entry().parts ?? {};
    },
    get at() {
      return line.entry().at ?? "";
    },
    get facts() {
      return facts() ?? {};
    },
  };
}

const hasFacts = (line: Line | undefined): boolean => line?.text.includes('"facts":{') ?? false;
