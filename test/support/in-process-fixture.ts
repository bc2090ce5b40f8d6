// The commands themselves, called in this process as the command line calls them: for stories told a thousand times.
import { expect } from "vitest";
import { applyCommand } from "../../src/cli/commands/apply.ts";
import { releaseCommand } from "../../src/cli/commands/hold.ts";
import { planCommand } from "../../src/cli/commands/plan.ts";
import { undoCommand } from "../../src/cli/commands/undo.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { painter } from "../../src/report/style.ts";
import { planShape, type RunDocument, runShape } from "./documents.ts";
import type { Project } from "./project-fixture.ts";

export type PlanDocument = ReturnType<typeof planShape.parse>;

export interface Wishes {
  readonly prune?: boolean;
  readonly overwrite?: boolean;
  readonly force?: boolean;
  readonly allowDelete?: number;
}

export interface InProcessFixture {
  plan(wishes?: Wishes): Promise<PlanDocument>;
  apply(wishes?: Wishes): Promise<RunDocument & { readonly code: number }>;
  undo(run: string): Promise<{ readonly code: number; readonly document: RunDocument | PlanDocument }>;
  release(agent: string): Promise<void>;
}

/** A desk in front of a project. Sessions are left out: they have laws of their own. */
export function inProcessAt(project: Pick<Project, "root" | "env">): InProcessFixture {
  const ask = async (command: (io: Terminal) => Promise<number>): Promise<{ code: number; printed: string }> => {
    const printed: string[] = [];
    const code = await command(ioOf(project, printed));
    return { code, printed: printed.join("\n") };
  };
  const scope = { filesOnly: true, output: "json" } as const;
  const run = { ...scope, yes: true, keepGoing: true, lockTimeout: 0, maxWait: 0 } as const;
  return {
    async plan(wishes = {}) {
      const options = { ...scope, ...wishes, detailedExitcode: false };
      const { printed } = await ask((io) => planCommand({ io, options, args: [] }));
      return planShape.parse(JSON.parse(printed));
    },
    async apply(wishes = {}) {
      const { code, printed } = await ask((io) => applyCommand({ io, options: { ...run, ...wishes }, args: [] }));
      return { ...runShape.parse(JSON.parse(printed)), code };
    },
    async undo(id) {
      const options = { yes: true, lockTimeout: 0, output: "json" } as const;
      const { code, printed } = await ask((io) => undoCommand({ io, options, args: [id] }));
      const document = JSON.parse(printed);
      return { code, document: document.kind === "run" ? runShape.parse(document) : planShape.parse(document) };
    },
    async release(agent) {
      const { code } = await ask((io) => releaseCommand({ io, options: { lockTimeout: 0 }, args: [agent] }));
      expect(code).toBe(0);
    },
  };
}

function ioOf({ root, env }: Pick<Project, "root" | "env">, printed: string[]): Terminal {
  const stream = { paint: painter(false), isTerminal: false, columns: 80 };
  return {
    options: { color: false, cache: true, quiet: true, verbose: false },
    env,
    cwd: root,
    mayAsk: false,
    mayAttach: false,
    stdout: stream,
    stderr: stream,
    print: (text) => void printed.push(text),
    say: () => {},
    redraw: () => {},
    complain: () => {},
  };
}
