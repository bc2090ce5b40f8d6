// The rollback point: a git tag on the commit before folders leave. Neither the index nor the work tree is touched.
import { relative } from "node:path";
import type { Fleet } from "../../model/fleet.ts";
import type { Failure } from "../../model/outcome.ts";
import type { Obstacle } from "../../model/resource.ts";
import type { ExecResult, Reader, Writer } from "../../model/world.ts";

const WAY_OUT = "commit the project with git, or take tag out of retire in fleet.yaml";

/** GIT_DIR and its like, set when we are called from a hook of git, would lead into another repository. */
function environment({ env }: Pick<Reader, "env">): Record<string, string> {
  const { PATH = "", HOME = "" } = env;
  return { PATH, HOME, LC_ALL: "C" };
}

/**
 * How many things in each folder the commit does not hold: changed, untracked or ignored. Trouble where there is no
 * commit to be tagged.
 */
export async function findRollback(
  folders: readonly string[],
  fleet: Fleet,
  world: Reader,
): Promise<ReadonlyMap<string, number> | Obstacle> {
  const { root, agents } = fleet.machine.folders;
  const context = (...words: string[]): Promise<ExecResult> =>
    world.exec.query(["git", "-C", root, ...words], { env: environment(world) });
  const prefix = await context("rev-parse", "--show-prefix");
  if (prefix.missing) return obstacle("git is not installed");
  if (prefix.code !== 0) return obstacle(`the project is in no git repository (${firstLine(prefix.stderr)})`);
  const head = await context("rev-parse", "--verify", "--quiet", "HEAD^{commit}");
  if (head.code !== 0) return obstacle("the git repository has no commit yet");
  const paths = folders.map((folder) => relative(root, `${agents}/${folder}`));
  const status = await context("status", "--porcelain", "-z", "--ignored", "--untracked-files=all", "--", ...paths);
  if (status.code !== 0) return obstacle(`git does not tell what is committed (${firstLine(status.stderr)})`);
  const changed = status.stdout.split("\0").map((entry) => entry.slice("XY ".length));
  return new Map(
    folders.map((folder, at) => {
      const below = `${prefix.stdout.trimEnd()}${paths[at]}/`;
      return [folder, changed.filter((path) => path.startsWith(below)).length];
    }),
  );
}

/** Tags the present commit; null when that is done. Again in the same run changes nothing. */
export async function makeRollback(fleet: Fleet, world: Writer): Promise<Failure | null> {
  const name = `refs/tags/rollcall/before-${world.run}`;
  const git = (...words: string[]): Promise<ExecResult> =>
    world.exec.run(["git", "-C", fleet.machine.folders.root, ...words], { env: environment(world) });
  // Not `git tag`, which asks for a name and a signature where people configured it so. The empty word: only a new one.
  const made = await git("update-ref", name, "HEAD^{commit}", "");
  if (made.code === 0) return null;
  const there = await git("rev-parse", name, "HEAD^{commit}");
  const [tagged, head] = there.stdout.trim().split("\n");
  if (there.code === 0 && tagged !== undefined && tagged === head) return null;
  const message = `the rollback point could not be made, so nothing was moved: ${firstLine(made.stderr)}`;
  return { code: "E332", message, hint: WAY_OUT };
}

function obstacle(why: string): Obstacle {
  return { why: "no-rollback", message: `no rollback point can be made: ${why}`, hint: WAY_OUT };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
