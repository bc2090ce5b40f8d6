// Which process counts as living below a tmux server, told from a process table: pids given out anew, sandboxes, namesakes.
import { expect, test } from "vitest";
import { type Remains, remainsOf } from "../../../src/kinds/session/tmux/lost-server.ts";
import type { Recorded } from "../../../src/model/resource.ts";
import type { FileReader, Reader } from "../../../src/model/world.ts";

interface Row {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly tick?: string;
  readonly environment?: string;
  readonly program?: string;
}

const stat = ({ pid, name, parent, tick = "100" }: Row): string =>
  `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 ${"0 ".repeat(13)}${tick} 0`;

/** The machine as procfs tells it, and a server of that pid that answers on the socket. */
function machine(rows: readonly Row[], answering: number): Reader {
  const texts = new Map<string, string>(
    rows.flatMap((row) => [
      [`/proc/${row.pid}/stat`, stat(row)] as const,
      [`/proc/${row.pid}/environ`, row.environment ?? ""] as const,
    ]),
  );
  const files = {
    read: (path: string) => {
      const text = texts.get(path);
      return text === undefined ? { state: "absent" } : { state: "file", bytes: Buffer.from(text) };
    },
    link: (path: string) => rows.find(({ pid }) => path === `/proc/${pid}/exe`)?.program ?? null,
    facts: () => ({ uid: 1000 }),
    real: () => "/tmp",
  } as unknown as FileReader;
  const answer = { code: 0, signal: null, stdout: `${answering}\n`, stderr: "", timedOut: false, missing: false };
  return { files, exec: { query: async () => answer }, env: {}, now: () => 0 };
}

const record: Recorded = { parts: {}, portable: false, at: "", facts: { pid: 70, tick: "100", pane: "%3" } };
const AGENT = { pid: 70, name: "claude", environment: "HOME=/\0TMUX_PANE=%3\0" };

async function remains(rows: readonly Row[], answering = 50): Promise<Remains["state"] | undefined> {
  const snapshot = { state: "panes", panes: [], answered: true } as const;
  const asked = { record };
  return (await remainsOf([asked], snapshot, { socket: "crew", world: machine(rows, answering) })).get(asked)?.state;
}

const SERVER = { pid: 40, name: "tmux: server", parent: 1 };

test.each<[string, readonly Row[], Remains["state"] | undefined]>([
  ["below another server", [SERVER, { ...AGENT, parent: 40 }], "unreachable"],
  [
    "below init",
    [
      { ...AGENT, parent: 1 },
      { pid: 1, name: "init", parent: 0 },
    ],
    "outlived",
  ],
  [
    "in a sandbox below another server",
    [SERVER, { pid: 60, name: "bwrap", parent: 40 }, { ...AGENT, parent: 60 }],
    "unreachable",
  ],
  [
    "in two sandboxes",
    [SERVER, { pid: 60, name: "bwrap", parent: 40 }, { pid: 61, name: "bwrap", parent: 60 }, { ...AGENT, parent: 61 }],
    "unreachable",
  ],
  [
    "below a server that has only its program's name",
    [
      { pid: 40, name: "tmux", parent: 1, program: "/opt/tmux (deleted)" },
      { ...AGENT, parent: 40 },
    ],
    "unreachable",
  ],
  [
    "below a program that is only called like it",
    [
      { pid: 40, name: "tmux", parent: 1, program: "/home/ada/play" },
      { ...AGENT, parent: 40 },
    ],
    "outlived",
  ],
  ["another process by now that has its pid", [SERVER, { ...AGENT, parent: 40, tick: "101" }], undefined],
  ["without our pane in its environment", [{ ...AGENT, parent: 1, environment: "TMUX_PANE=%4\0" }], undefined],
  ["ended", [SERVER], undefined],
])("the recorded process is %s", async (_, rows, expected) => {
  expect(await remains(rows)).toBe(expected);
});

test("below the server that answers, in no pane: it outlived its session", async () => {
  expect(await remains([SERVER, { ...AGENT, parent: 40 }], 40)).toBe("outlived");
});
