// A git clone of the working tree as it is now, as `git clone` makes it: without dist/ and without node_modules.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Makes the clone in the folder `rollcall` below `base` and returns its path. */
export function cloneInto(base: string): string {
  const source = join(base, "source");
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: repository });
  for (const file of listed.toString().split("\0").filter(Boolean)) {
    if (!existsSync(join(repository, file))) continue;
    mkdirSync(dirname(join(source, file)), { recursive: true });
    copyFileSync(join(repository, file), join(source, file));
  }
  const git = (...words: string[]) => execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b", ...words]);
  git("-C", source, "init", "-q");
  git("-C", source, "add", "-A");
  git("-C", source, "commit", "-qm", "As it is now");
  git("clone", "-q", source, join(base, "rollcall"));
  rmSync(source, { recursive: true });
  return join(base, "rollcall");
}
