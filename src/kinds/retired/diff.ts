// What would happen to a folder that is still there, in words for people and in terms for the guards. Pure.
import type { Fleet } from "../../model/fleet.ts";
import { type Delta, NO_DELTA } from "../../model/kind.ts";
import type { Change } from "../../model/plan.ts";
import type { Desired, Observed } from "../../model/resource.ts";
import { placesOf } from "./paths.ts";
import type { Tree } from "./tree-digest.ts";
import type { Reference, RetiredProps, RetiredSeen } from "./types.ts";

/** A deletion keeps what it deletes as before-images up to this size. */
const KEPT_FILES = 500;
const KEPT_BYTES = 64 * 1024 * 1024;
/** So many references are named in a sentence; `changes` has them all. */
const NAMED = 8;

const NOTHING: Delta = { ...NO_DELTA, reason: "it is not there" };

export function diff(
  want: Desired<RetiredProps> | undefined,
  have: Observed<RetiredSeen> | undefined,
  { fleet }: { readonly fleet: Fleet },
): Delta {
  if (!want || !have?.exists) return NOTHING;
  const { props } = want;
  const { shown } = placesOf(props, fleet.machine.folders);
  if (have.seen.state === "unlisted") {
    const changes = [{ path: "index", before: null, after: shown.target }];
    return { ...NOTHING, changes, reason: `its entry in ${shown.index} is missing or differs` };
  }
  if (have.seen.state !== "present") return NOTHING;
  const { tree, movable, references, note } = have.seen;
  const after = props.rule === "archive" ? shown.target : null;
  const changes: Change[] = [
    { path: "folder", before: shown.source, after },
    // What each mention would have to become: it is not ours to change.
    ...references.map(({ file, line }) => ({ path: `reference ${file}:${line}`, before: shown.source, after })),
  ];
  const clauses = [fate(props, tree, movable), tagged(have.seen), mentions(references), note];
  return {
    ...NOTHING,
    changes,
    reason: clauses.filter((clause) => clause !== undefined).join("; "),
    strategy: props.rule,
    ...guarded(references, shown.source),
  };
}

function fate(props: RetiredProps, tree: Tree, movable: boolean): string {
  const size = `${tree.files} file${tree.files === 1 ? "" : "s"}`;
  if (props.rule === "archive") {
    return `retired (${size})${props.replacedBy === undefined ? "" : `, replaced by ${props.replacedBy}`}`;
  }
  return `listed under retire.delete (${size}); ${movable ? "before-images are kept: undo brings it back whole" : copied(tree)}`;
}

/** What a deletion keeps when the records lie on another device. What cannot come back is said before it goes. */
function copied(tree: Tree): string {
  if (!isKept(tree)) return "too much for before-images on another device: it cannot be undone";
  const lost =
    tree.odd === 1 ? "1 link, empty folder or special file" : `${tree.odd} links, empty folders or special files`;
  return `before-images are kept${tree.odd === 0 ? "" : `, but ${lost} in it cannot be brought back`}`;
}

function tagged({ uncommitted }: RetiredSeen & { readonly state: "present" }): string | undefined {
  if (uncommitted === undefined) return undefined;
  const missing = uncommitted === 0 ? "" : ` (it does not hold ${uncommitted} uncommitted in it)`;
  return `a git tag will mark the commit before it${missing}`;
}

/** Whether a deletion that cannot move the folder keeps its files as before-images. */
export function isKept(tree: Tree): boolean {
  return tree.files <= KEPT_FILES && tree.bytes <= KEPT_BYTES;
}

function mentions(references: readonly Reference[]): string | undefined {
  if (references.length === 0) return undefined;
  return `still named in ${named(references)}`;
}

function named(references: readonly Reference[]): string {
  const places = references.slice(0, NAMED).map(({ file, line }) => `${file}:${line}`);
  const more = references.length - places.length;
  return more > 0 ? `${places.join(", ")} and ${more} more` : places.join(", ");
}

/** Code and configuration that name the folder would break: somebody has to have looked at them. */
function guarded(references: readonly Reference[], source: string): Pick<Delta, "blockedUnlessForced"> {
  const firm = references.filter(({ prose }) => !prose);
  if (firm.length === 0) return {};
  return {
    blockedUnlessForced: {
      reason: `${source} is still used: ${named(firm)}`,
      hint: "change these places, or move it all the same: apply --force --files-only",
    },
  };
}
