// The laws of every kind, held against `hook`.
import fs from "node:fs";
import path from "node:path";
import { afterAll } from "vitest";
import { hook } from "../../../src/kinds/hook/index.ts";
import { kindLaws, type LawCase } from "../laws.ts";
import { openBench } from "./bench.ts";

const opened: (() => void)[] = [];
afterAll(() => {
  for (const close of opened) close();
});

/** Every file of the project but the state folder, with what a write would change. */
function picture(root: string): Record<string, string> {
  const names = fs
    .readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^state(?:\/|$)/.test(name));
  return Object.fromEntries(
    names.sort().map((name) => {
      const facts = fs.lstatSync(path.join(root, name));
      return [name, `${facts.mode} ${facts.ino} ${facts.size} ${facts.mtimeMs}`];
    }),
  );
}

function lawCase(agents: readonly string[], disturb: (hook: string) => void): LawCase {
  const bench = openBench();
  opened.push(bench.yard.close);
  return {
    fleet: bench.yard.fleet,
    wants: agents.map(bench.want),
    reader: bench.reader,
    writer: bench.writer,
    picture: () => picture(bench.yard.root),
    disturb: () => disturb(bench.hook),
  };
}

kindLaws({
  kind: hook,
  cases: {
    "hooks of two agents, one is edited": () =>
      lawCase(["backend-agent", "planning-agent"], (at) => fs.appendFileSync(at, "exit 0\n")),
    "a hook that loses its permission": () => lawCase(["backend-agent"], (at) => fs.chmodSync(at, 0o600)),
    "a hook that vanishes": () => lawCase(["backend-agent"], (at) => fs.rmSync(at)),
  },
});
