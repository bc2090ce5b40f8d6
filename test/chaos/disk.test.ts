// Full, broken, read-only: a disk that gives out at a chosen moment, and what the person at the keyboard is told (row 48).
import { afterAll, describe, expect, test } from "vitest";
import { APPLY } from "../support/fault-fixture.ts";
import { type Picture, pictureOf } from "../support/fault-invariants.ts";
import { type FaultTrial, openFaultTrial } from "../support/fault-trial.ts";
import type { Project } from "../support/project-fixture.ts";

let opened: Promise<FaultTrial> | undefined;
const trial = (): Promise<FaultTrial> => (opened ??= openFaultTrial());
afterAll(async () => (await opened)?.close());

interface Case {
  readonly story: string;
  readonly fault: string;
  /** The first call that this finds is met. */
  readonly match: string;
  readonly sticky?: true;
  readonly code: number;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  {
    story: "full before anything was done: nothing is done",
    fault: "ENOSPC",
    match: "^write .*/state/journal/",
    code: 1,
    says: /error E502 cannot write .*state\/journal\/.*no space left on the device \(ENOSPC\)/,
  },
  {
    story: "read-only from the first call on: nothing is done",
    fault: "EROFS",
    match: "",
    sticky: true,
    code: 1,
    says: /error E501 .*state.*read-only \(EROFS\)/,
  },
  {
    story: "full when a file's new content is written: the others are done",
    fault: "ENOSPC",
    match: "^write .*/alfa/.claude/.CLAUDE.md",
    code: 5,
    says: /failed .*alfa\/.claude\/CLAUDE.md[\s\S]*cannot write .*CLAUDE.md: no space left on the device \(ENOSPC\)/,
  },
  {
    story: "over quota when the settings are written: their old content stays",
    fault: "EDQUOT",
    match: "^write .*/alfa/.claude/.settings.json",
    code: 5,
    says: /cannot write .*alfa\/.claude\/settings.json: the disk quota is used up \(EDQUOT\)/,
  },
  {
    story: "broken when the folder is flushed after the exchange: the before-image is put away all the same",
    fault: "EIO",
    match: "^fsync .*/bravo/.claude/hooks$",
    code: 5,
    says: /bravo\/.claude\/hooks: input\/output error \(EIO\)/,
  },
  {
    story: "refusing the before-image its place: it gets there when the run settles",
    fault: "EACCES",
    match: "^rename .*/state/before/.*/NOTES.md$",
    code: 5,
    says: /cannot keep the before-image .*NOTES.md: permission denied \(EACCES\)/,
  },
  {
    story: "full when all is done and the lock file is written: the next run records it",
    fault: "ENOSPC",
    match: "^rename .*/agents/rollcall.lock.json$",
    code: 5,
    says: /E502 27 of 27 actions are done, but not yet recorded: cannot write .*rollcall.lock.json.*\(ENOSPC\)\n.*run apply again/,
  },
  {
    story: "broken when the document of the run is filed: the next run files it from the journal",
    fault: "EIO",
    match: "^rename .*/state/runs/",
    code: 5,
    says: /actions are done, but not yet recorded: .*state\/runs\/.*\(EIO\)/,
  },
  {
    story: "keeping the run lock that is given back: the run stands, and the next one takes the lock over",
    fault: "EIO",
    match: "^unlink .*/state/lock$",
    code: 0,
    says: /note: the run lock is left to the next run: .*state\/lock.*\(EIO\)/,
  },
];

describe("a disk that is", () => {
  test.each(CASES)("$story", async ({ story: _, code, says, ...fault }) => {
    const met = await (await trial()).trial({ at: 1, ...fault });
    expect(met.complaints, met.output).toEqual([]);
    expect(met.call).not.toBeNull();
    expect(met.code, met.output).toBe(code);
    expect(met.output).toMatch(says);
  });
});

/** The agents' files, without what tells of them, and without the folder gamma's session lives in. */
function agentsOf(picture: Picture): Picture {
  const entries = Object.entries(picture);
  return Object.fromEntries(entries.filter(([path]) => /^agents\/(?!rollcall.lock|gamma\/$)/.test(path)));
}

test("an apply that was killed between a file and its folder leaves no empty folder for good", async () => {
  const met = await (await trial()).trial({ at: 1, fault: "kill", match: "^rmdir .*/agents/delta/.claude/hooks$" });
  expect(met).toMatchObject({ code: null, complaints: [] });
});

/** Ids of the runs, newest first. */
async function runsOf({ run }: Project): Promise<string[]> {
  const { stdout } = await run(["history"]);
  return [...stdout.matchAll(/^\S*(\d{4}-[0-9a-f]{4})/gm)].map(([, id]) => id ?? "");
}

test("an undo that was killed and is done again ends as one that was not", async () => {
  const at = await trial();
  const { project } = at;
  const undone: Picture[] = [];
  for (const match of ["^nothing", "^rename .*/agents/alfa/NOTES.md$"]) {
    await at.layAnew();
    expect((await project.run(APPLY)).code).toBe(0);
    const [id = ""] = await runsOf(project);
    const first = await at.meet({ at: 1, fault: "kill", match }, ["undo", id, "-y"]);
    if (first.code === null) expect((await project.run(["undo", id, "-y"])).code).toBe(0);
    else expect(first.code, first.output).toBe(0);
    undone.push(pictureOf(project.root));
  }
  expect(undone[1]).toEqual(undone[0]);
});

test("an apply that was killed can be undone, as can the one that went on from there", async () => {
  const at = await trial();
  const { project, versions } = at;
  const { code } = await at.strike({ at: 1, fault: "kill", match: "^rename .*/alfa/NOTES.md$" });
  expect(code).toBeNull();
  expect((await project.run(APPLY)).code).toBe(0);
  const history = await project.run(["history"]);
  const [second = "", killed = ""] = [...history.stdout.matchAll(/^\S*(\d{4}-[0-9a-f]{4})/gm)].map(
    ([, id]) => id ?? "",
  );
  for (const id of [second, killed]) {
    const undone = await project.run(["undo", id, "-y"]);
    expect(undone.code, `${history.stdout}${undone.stdout}${undone.stderr}`).toBe(0);
  }
  expect(agentsOf(pictureOf(project.root))).toEqual(agentsOf(versions.old));
});
