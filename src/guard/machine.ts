// Places closed to every agent that only the machine knows: the client's user and managed settings, git's hooks and config.
// Found at each call from where the hook lies, so that a rendered hook names no path of a machine.
import { dirname, join, relative, resolve } from "node:path";
import type { ClosedPlace, Disk } from "./policy.ts";

interface MachineDisk extends Disk {
  /** The path with every link followed. */
  real(path: string): string;
}

interface MachinePath {
  /** As people know it. */
  readonly glob: string;
  /** Absolute, `*` in the last part only. */
  readonly path: string;
  /** All that lies below it as well. */
  readonly deep: boolean;
}

const ASK = "the person who runs rollcall";

const file = (path: string, glob = path): MachinePath => ({ glob, path, deep: false });
const folder = (path: string, glob = path): MachinePath => ({ glob, path, deep: true });

/** Where the client keeps what holds for all folders of a user. */
function clientPaths(config: string, shown: string): MachinePath[] {
  return [
    file(`${config}/settings*.json`, `${shown}/settings*.json`),
    ...["hooks", "plugins"].map((name) => folder(`${config}/${name}`, `${shown}/${name}`)),
  ];
}

function userPaths({ home, config = "" }: Disk): MachinePath[] {
  return [
    ...(home === ""
      ? []
      : [...clientPaths(`${home}/.claude`, "~/.claude"), file(`${home}/.claude.json`, "~/.claude.json")]),
    ...(config.startsWith("/")
      ? [
          ...clientPaths(config, "$CLAUDE_CONFIG_DIR"),
          file(`${config}/.claude.json`, "$CLAUDE_CONFIG_DIR/.claude.json"),
        ]
      : []),
    folder("/etc/claude-code"),
  ];
}

/** The folders from the project upwards to the work tree of git that it lies in; none when it lies in none. */
function upToWorkTree(root: string, disk: Disk): string[] {
  const seen: string[] = [];
  for (let at = root; ; at = dirname(at)) {
    seen.push(at);
    if (disk.kind(`${at}/.git`) !== null) return seen;
    if (at === dirname(at)) return [];
  }
}

/** The folders git works with: a linked work tree has one of its own, and one that it shares (gitrepository-layout(5)). */
function gitFolders(top: string, disk: Disk): { readonly own: string; readonly common: string } {
  const [, given = ""] = /^gitdir: (.+?)\s*$/m.exec(disk.read(`${top}/.git`) ?? "") ?? [];
  const own = given === "" ? `${top}/.git` : resolve(top, given);
  const common = disk.read(`${own}/commondir`)?.trim() ?? "";
  return { own, common: common === "" ? own : resolve(own, common) };
}

function gitPaths(root: string, disk: Disk): MachinePath[] {
  const folders = upToWorkTree(root, disk);
  const top = folders.at(-1);
  if (top === undefined) return [];
  const { own, common } = gitFolders(top, disk);
  const read = folders
    .filter((one) => one !== root)
    .flatMap((one) => [
      folder(join(one, ".claude")),
      ...["CLAUDE.md", "CLAUDE.local.md", ".mcp.json"].map((name) => file(join(one, name))),
    ]);
  return [
    ...read,
    ...(own === `${top}/.git` ? [] : [file(`${top}/.git`)]),
    folder(`${common}/hooks`, ".git/hooks"),
    file(`${common}/config`, ".git/config"),
    file(`${own}/config.worktree`, ".git/config.worktree"),
  ];
}

function placeAt(root: string, { glob, path, deep }: MachinePath): ClosedPlace {
  const at = relative(root, path) || ".";
  const literal = at.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  const shapes = deep ? [at, `${at}/**`] : [at];
  return { glob, re: `^${literal}${deep ? "(?:/.*)?" : ""}$`, shapes, ask: ASK, own: "spec" };
}

/** The places, by the letter and by their real path where the two differ. */
export function placesOfMachine(root: string, disk: MachineDisk): ClosedPlace[] {
  const folders = new Map<string, string>();
  return [...userPaths(disk), ...gitPaths(root, disk)].flatMap((closed) => {
    const above = dirname(closed.path);
    const found = folders.get(above) ?? disk.real(above);
    folders.set(above, found);
    const real = join(found, closed.path.slice(above.length));
    const both = real === closed.path ? [closed] : [closed, { ...closed, path: real }];
    return both.map((one) => placeAt(root, one));
  });
}
