// A yard for retired folders: a project in a temporary folder, the real doors, the real loop, a record in memory.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Allowance } from "../../src/engine/guard.ts";
import { scopeOf } from "../../src/engine/scope.ts";
import { createReader, createWriter, type HostWriter } from "../../src/host/world.ts";
import { retired } from "../../src/kinds/retired/index.ts";
import type { Fleet, RetireSpec } from "../../src/model/fleet.ts";
import type { Run } from "../../src/model/outcome.ts";
import type { Recorder } from "../../src/model/recorder.ts";
import type { Recorded } from "../../src/model/resource.ts";
import type { Reader } from "../../src/model/world.ts";
import { converge, type Planned, plan } from "../../src/reconcile.ts";
import { fleetOf } from "./fleet.ts";

const nowhere = { file: "desired/fleet.yaml", line: 1, col: 1 };

export const OLD_PLANNING = {
  "agents/planning/README.md": "the planner of the first days\n",
  "agents/planning/prompts/start.txt": "plan!\n",
  "agents/planning-agent/.claude/CLAUDE.md": "# Planning\n",
};
export const INDEX = "agents/archive/v1-legacy/INDEX.md";

/** The contents of all before-images. */
export function imagesOf(fixture: RetiredFixture): string[] {
  const before = join(fixture.state, "before");
  if (!existsSync(before)) return [];
  return readdirSync(before, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}

export interface RetiredFixtureOptions {
  /** Paths relative to the project; a text, or `{ link }`. */
  readonly files: Readonly<Record<string, string | { readonly link: string }>>;
  readonly agents?: readonly string[];
  readonly archive?: Readonly<Record<string, string | undefined>>;
  readonly delete?: readonly string[];
  readonly keep?: readonly string[];
  readonly git?: boolean;
  /** The state folder, when it is not the project's own. */
  readonly state?: string;
  /** Whether a git tag is wanted before folders leave. */
  readonly tag?: true;
}

/** A folder on another device than the yards are on. */
export function elsewhere(): string {
  const folder = mkdtempSync("/dev/shm/rollcall-elsewhere-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export class RetiredFixture {
  readonly root: string;
  readonly records = new Map<string, Recorded>();
  private readonly journal = new Map<string, Readonly<Record<string, readonly string[]>>>();
  private readonly options: RetiredFixtureOptions;
  private runs = 0;

  constructor(options: RetiredFixtureOptions) {
    this.options = options;
    this.root = join(realpathSync(mkdtempSync(join(tmpdir(), "rollcall-yard-"))), "fleet");
    mkdirSync(this.root);
    onTestFinished(() => rmSync(dirname(this.root), { recursive: true, force: true }));
    for (const [path, content] of Object.entries(options.files)) this.write(path, content);
    if (options.git) {
      this.git("init", "-q");
      this.git("add", "-A");
    }
  }

  fleet(more: Partial<RetireSpec> = {}): Fleet {
    const { archive = {}, delete: deleted = [], keep = [], agents = ["planning-agent"], tag } = this.options;
    const listed = Object.entries(archive).map(([dir, replacedBy]) => ({
      dir,
      place: nowhere,
      ...(replacedBy === undefined ? {} : { replacedBy }),
    }));
    const base = fleetOf(agents, { root: this.root });
    return {
      ...base,
      retire: { label: "v1-legacy", archive: listed, delete: deleted, keep, ...(tag ? { tag } : {}), ...more },
      machine: { ...base.machine, folders: { ...base.machine.folders, state: this.state } },
    };
  }

  get state(): string {
    return this.options.state ?? join(this.root, "state");
  }

  reader(): Reader {
    return createReader({ roots: [this.root, this.state], env: process.env });
  }

  writer(): HostWriter {
    this.runs++;
    return createWriter({
      roots: [this.root, this.state],
      state: this.state,
      env: process.env,
      run: `run-${this.runs}`,
      note: () => {},
      kill: () => true,
    });
  }

  async plan(allowed: Partial<Allowance> = {}, fleet = this.fleet()): Promise<Planned> {
    return plan(this.request(allowed, fleet), this.reader());
  }

  /** Plans and applies; `world`: a writer of the test's own. */
  async apply(allowed: Partial<Allowance> = {}, world = this.writer(), fleet = this.fleet()): Promise<Run> {
    const request = this.request(allowed, fleet);
    const planned = await plan(request, world);
    return converge(
      planned,
      {
        ...request,
        recorder: this.recorder(),
        command: "apply",
        keepGoing: false,
        stopping: () => false,
        by: "cli",
        emit: () => {},
      },
      world,
    );
  }

  write(path: string, content: string | { readonly link: string }): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    if (typeof content === "string") writeFileSync(join(this.root, path), content);
    else symlinkSync(content.link, join(this.root, path));
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  git(...words: string[]): void {
    execFileSync("git", words, { cwd: this.root, env: { PATH: process.env["PATH"] ?? "", HOME: this.root } });
  }

  private request(allowed: Partial<Allowance>, fleet: Fleet) {
    return {
      fleet,
      kinds: [retired],
      scope: scopeOf({ agents: [], filesOnly: false, portable: false }),
      allowed: { prune: false, overwrite: false, force: false, allowDelete: undefined, ...allowed },
      records: this.recorder().records(),
      wholeBasis: false,
    };
  }

  private recorder(): Recorder {
    const { records, journal } = this;
    return {
      records: () => ({
        lineage: "yard",
        serial: 0,
        holds: {},
        get: (address) => records.get(address),
        addresses: () => records.keys(),
        elsewhere: () => [],
        // As the journal tells it until the run has ended: what we meant to write.
        unfinished: (address) => journal.get(address),
      }),
      begin: ({ steps }) => {
        for (const { action, want } of steps) {
          const parts = Object.entries(want?.parts ?? {}).map(([path, { digest }]) => [path, [digest]] as const);
          journal.set(action.address, Object.fromEntries(parts));
        }
      },
      commit: async (repairs) => {
        for (const { address, record } of repairs) {
          if (record) records.set(address, record);
          else records.delete(address);
        }
      },
      end: async () => journal.clear(),
      forgetKilled: () => {},
    };
  }
}
