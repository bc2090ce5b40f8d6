// Laws of apply and undo, on generated worlds, real files and the commands themselves.
import fc from "fast-check";
import { expect, test } from "vitest";
import { faults, filesOf, fleets, injectFault } from "../../support/arbitraries.ts";
import {
  type InProcessFixture,
  inProcessAt,
  type PlanDocument,
  type Wishes,
} from "../../support/in-process-fixture.ts";
import { makeProject, type Picture, type Project, snapshot } from "../../support/project-fixture.ts";

/** Worlds to try: a few in CI, as many as ROLLCALL_WORLDS says. */
const WORLDS = Number(process.env["ROLLCALL_WORLDS"] ?? "12");

const wishes = fc.record({
  prune: fc.boolean(),
  overwrite: fc.boolean(),
  force: fc.constant(true),
  allowDelete: fc.constant(9),
});
const stories = fc.record({ first: fc.option(fleets), before: faults, next: fleets, after: faults, wishes });

/** All but the records: kinds, modes, links, bytes; the times come back too, but not to the nanosecond. */
function pictureOf(project: Project): Picture {
  const picture = snapshot(project.root, { except: ["state"] });
  return Object.fromEntries(
    Object.entries(picture).map(([path, text]) => [path, text.replace(/ ino \d+ mtime \d+/, "")]),
  );
}

/** The plan without what only counts the records. */
function wishedOf({ basis: _, ...plan }: PlanDocument): Omit<PlanDocument, "basis"> {
  return plan;
}

/** Where an action of the plan may change something. */
function groundOf({ actions, blocked }: PlanDocument): (path: string) => boolean {
  const grounds = actions.map(({ address }) => {
    const [, kind = "", agent = "", name = ""] = /^([a-z]+)\/([^/]+)\/(.*)$/.exec(address) ?? [];
    if (kind === "retired") return `agents/${name}`;
    if (agent === "-") return "agents/.rollcall/node.local.path";
    return `agents/${agent}/${kind === "hook" ? ".claude/hooks/auto-deny" : name}`;
  });
  const archives = actions.some(({ kind }) => kind === "retired");
  expect(blocked.filter(({ address }) => address.startsWith("session/"))).toEqual([]);
  return (path) =>
    path === "agents/rollcall.lock.json" ||
    (archives && path.startsWith("agents/archive/")) ||
    grounds.some(
      (ground) => path === ground || path.startsWith(`${ground}/`) || (path.endsWith("/") && ground.startsWith(path)),
    );
}

const changes = (a: Picture, b: Picture): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((path) => a[path] !== b[path]).sort();

/** Applies, holds every law against it, and undoes it. */
async function holdLaws(project: Project, fixture: InProcessFixture, wish: Wishes): Promise<void> {
  const [before, planned] = [pictureOf(project), await fixture.plan(wish)];
  const run = await fixture.apply(wish);
  const after = pictureOf(project);
  expect(run.remaining.actions, "apply, then plan: nothing left to do").toEqual([]);
  expect(await fixture.plan(wish).then(wishedOf)).toMatchObject({ actions: [], blocked: run.remaining.blocked });
  const isPlanned = groundOf(planned);
  expect(
    changes(before, after).filter((path) => !isPlanned(path)),
    "touched outside the plan",
  ).toEqual([]);
  if (run.id === "") return expect(after).toEqual(before);

  const undone = await fixture.undo(run.id);
  expect(undone.code, JSON.stringify(undone.document)).toBe(0);
  // A run that only forgot what was gone left nothing to undo.
  if (undone.document.kind === "plan") return;
  expect(changes(before, pictureOf(project)), "undo restores").toEqual([]);
  for (const { agent } of (await fixture.plan()).held) await fixture.release(agent);
  expect(wishedOf(await fixture.plan(wish)), "the same is wished again").toEqual(wishedOf(planned));
  await fixture.apply(wish);
  expect(changes(after, pictureOf(project)), "applied again").toEqual([]);
}

test(`apply and undo in ${WORLDS} worlds`, { timeout: 60_000 + WORLDS * 20_000 }, () =>
  fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { project, close } = makeProject({ files: filesOf(story.first ?? story.next) });
      try {
        const fixture = inProcessAt(project);
        for (const one of story.before) injectFault(project, one);
        if (story.first !== null) await holdLaws(project, fixture, story.wishes);
        project.write("desired/registry.yaml", filesOf(story.next)["desired/registry.yaml"] ?? "");
        for (const one of story.after) injectFault(project, one);
        await holdLaws(project, fixture, story.wishes);
      } finally {
        close();
      }
    }),
    { numRuns: WORLDS, endOnFailure: process.env["ROLLCALL_WORLDS"] !== undefined },
  ),
);
