// A desk with one agent's files on it: a project in a temporary folder, the real doors, the real loop, a record in memory.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Allowance } from "../../src/engine/guard.ts";
import { scopeOf } from "../../src/engine/scope.ts";
import { createReader, createWriter, type HostWriter } from "../../src/host/world.ts";
import { config } from "../../src/kinds/config/index.ts";
import type { Fleet, Merge, Policy, RenderedFile } from "../../src/model/fleet.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { Run } from "../../src/model/outcome.ts";
import type { Recorder } from "../../src/model/recorder.ts";
import type { Desired, Recorded } from "../../src/model/resource.ts";
import type { Reader } from "../../src/model/world.ts";
import { converge, type Planned, plan } from "../../src/reconcile.ts";
import { agentNamed, fleetOf, POLICY } from "./fleet.ts";
import type { LawCase } from "./kind-laws.ts";
import { snapshot } from "./project-fixture.ts";

export const SETTINGS = "config/planning-agent/.claude/settings.json";
export const SETTINGS_FILE = "agents/planning-agent/.claude/settings.json";
export const MEMORY = "config/planning-agent/.claude/CLAUDE.md";
export const MEMORY_FILE = "agents/planning-agent/.claude/CLAUDE.md";

export const OUR_HOOK: JsonObject = {
  type: "command",
  command: '"$CLAUDE_PROJECT_DIR"/.claude/hooks/auto-deny',
  timeout: 10,
  onFailure: "block",
};

/** What our template renders for the planner. */
export const PLANNER: JsonObject = {
  model: "opus",
  permissions: { defaultMode: "acceptEdits", deny: ["Edit(.claude/**)", "Edit(tests/**)"] },
  hooks: { PreToolUse: [{ matcher: "*", hooks: [OUR_HOOK] }] },
  disableAllHooks: false,
};

export function rendered(target: string, content: string | JsonObject, merge: Merge, mode = "0644"): RenderedFile {
  const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`;
  return {
    target,
    merge,
    mode,
    text,
    ...(typeof content === "string" ? {} : { json: content as Json }),
    portable: !target.includes(".local."),
    template: `templates/${target.split("/").at(-1) ?? target}`,
  };
}

export interface ConfigFixtureOptions {
  readonly files?: readonly RenderedFile[];
  readonly policy?: Partial<Policy>;
}

export class ConfigFixture {
  readonly root: string;
  readonly records = new Map<string, Recorded>();
  private options: ConfigFixtureOptions;
  private runs = 0;

  constructor(options: ConfigFixtureOptions = {}) {
    this.options = options;
    this.root = join(realpathSync(mkdtempSync(join(tmpdir(), "rollcall-desk-"))), "fleet");
    mkdirSync(this.root);
    onTestFinished(() => rmSync(dirname(this.root), { recursive: true, force: true }));
  }

  /** The templates or the policy change. */
  now(options: ConfigFixtureOptions): void {
    this.options = { ...this.options, ...options };
  }

  fleet(): Fleet {
    const { files = [rendered(".claude/settings.json", PLANNER, "keys")], policy } = this.options;
    return fleetOf([], {
      root: this.root,
      agents: [agentNamed("planning-agent", { files })],
      policy: { ...POLICY, ...policy },
    });
  }

  wants(): readonly Desired[] {
    const fleet = this.fleet();
    return fleet.agents.flatMap((agent) => config.desire(agent, fleet));
  }

  reader(): Reader {
    return createReader({ roots: [this.root], env: process.env });
  }

  writer(): HostWriter {
    this.runs++;
    return createWriter({
      roots: [this.root],
      state: join(this.root, "state"),
      env: process.env,
      run: `run-${this.runs}`,
      note: () => {},
      kill: () => true,
    });
  }

  async plan(allowed: Partial<Allowance> = {}): Promise<Planned> {
    return plan(this.request(allowed), this.reader());
  }

  async apply(allowed: Partial<Allowance> = {}, world = this.writer(), before: () => void = () => {}): Promise<Run> {
    const request = this.request(allowed);
    const planned = await plan(request, world);
    before();
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

  write(path: string, content: string | Buffer | JsonObject, mode?: number): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    const text = isJsonObject(content) && !Buffer.isBuffer(content) ? JSON.stringify(content, null, 4) : content;
    writeFileSync(join(this.root, path), text as string | Buffer);
    // A while ago: the writer waits out files that were touched this very moment.
    const then = Date.now() / 1000 - 60;
    utimesSync(join(this.root, path), then, then);
    if (mode !== undefined) chmodSync(join(this.root, path), mode);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  json(path = SETTINGS_FILE): JsonObject {
    return JSON.parse(this.read(path)) as JsonObject;
  }

  /** This desk as a case for the laws. */
  law(disturb?: () => void): LawCase {
    return {
      fleet: this.fleet(),
      wants: this.wants(),
      reader: () => this.reader(),
      writer: () => this.writer(),
      picture: () => snapshot(this.root, { except: ["state"] }),
      ...(disturb ? { disturb } : {}),
    };
  }

  private request(allowed: Partial<Allowance>) {
    return {
      fleet: this.fleet(),
      kinds: [config],
      scope: scopeOf({ agents: [], filesOnly: false, portable: false }),
      allowed: { prune: false, overwrite: false, force: false, allowDelete: undefined, ...allowed },
      records: this.recorder().records(),
      wholeBasis: false,
    };
  }

  private recorder(): Recorder {
    const { records } = this;
    return {
      records: () => ({
        lineage: "desk",
        serial: 0,
        holds: {},
        get: (address) => records.get(address),
        addresses: () => records.keys(),
        elsewhere: () => [],
        unfinished: () => undefined,
      }),
      begin: () => {},
      commit: async (repairs) => {
        for (const { address, record } of repairs) {
          if (record) records.set(address, record);
          else records.delete(address);
        }
      },
      end: async () => {},
      forgetKilled: () => {},
    };
  }
}

/** The contents of all before-images. */
export function images(fixture: ConfigFixture): string[] {
  const before = join(fixture.root, "state", "before");
  if (!existsSync(before)) return [];
  return readdirSync(before, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}

/** A desk after its first apply. */
export async function applied(options?: ConfigFixtureOptions): Promise<ConfigFixture> {
  const fixture = new ConfigFixture(options);
  const run = await fixture.apply();
  expect(run).toMatchObject({ converged: true });
  return fixture;
}

/** One apply, and the plan after it is empty. */
export async function converges(fixture: ConfigFixture, allowed = {}): Promise<void> {
  expect(await fixture.apply(allowed)).toMatchObject({ converged: true });
  expect((await fixture.plan(allowed)).plan).toMatchObject({ actions: [], blocked: [] });
}
