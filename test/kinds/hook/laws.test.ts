// The laws of every kind, held against `hook`.
import fs from "node:fs";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { hook } from "../../../src/kinds/hook/index.ts";
import { GUARD, NODE_AT } from "../../../src/kinds/hook/types.ts";
import { KINDS } from "../../../src/kinds/index.ts";
import { nameNode } from "../../support/hook-fixture.ts";
import { openHookVerbs } from "../../support/hook-verbs-fixture.ts";
import { kindLaws, type LawCase } from "../../support/kind-laws.ts";

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
  const fixture = openHookVerbs();
  opened.push(fixture.project.close);
  return {
    fleet: fixture.project.fleet,
    wants: agents.map(fixture.want),
    reader: fixture.reader,
    writer: fixture.writer,
    picture: () => picture(fixture.project.root),
    disturb: () => disturb(fixture.hook),
  };
}

/** The same for the file that names the hooks' Node. */
function nodeCase(disturb: (file: string) => void): LawCase {
  const fixture = openHookVerbs();
  opened.push(fixture.project.close);
  nameNode(fixture.project.root, null);
  const { fleet, root } = fixture.project;
  return {
    fleet,
    wants: hook.desireFleet?.(fleet) ?? [],
    reader: fixture.reader,
    writer: fixture.writer,
    picture: () => picture(root),
    disturb: () => disturb(path.join(root, "agents", NODE_AT)),
  };
}

it("what all hooks share goes last", () => {
  const ranks = [
    "session/a/main",
    "config/a/.claude/settings.json",
    "hook/a/auto-deny",
    "config/a/.claude/CLAUDE.md",
    GUARD,
  ];
  const found = ranks.map((one) => KINDS.find((kind) => one.startsWith(kind.name))?.removalRank(one) ?? 9);
  expect(found).toEqual([0, 1, 2, 3, 4]);
});

kindLaws({
  kind: hook,
  cases: {
    "hooks of two agents, one is edited": () =>
      lawCase(["backend-agent", "planning-agent"], (at) => fs.appendFileSync(at, "exit 0\n")),
    "a hook that loses its permission": () => lawCase(["backend-agent"], (at) => fs.chmodSync(at, 0o600)),
    "the file that names the Node, led elsewhere": () => nodeCase((at) => fs.writeFileSync(at, "/bin/true\n")),
    "the file that names the Node, open to all": () => nodeCase((at) => fs.chmodSync(at, 0o666)),
    "the file that names the Node, gone": () => nodeCase((at) => fs.rmSync(at)),
    "a hook that vanishes": () => lawCase(["backend-agent"], (at) => fs.rmSync(at)),
  },
});
