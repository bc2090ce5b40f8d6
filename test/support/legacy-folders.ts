// The agents folder of the system before this one: every folder it had, with what people leave in folders over the years.
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, lutimesSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Project } from "./project-fixture.ts";

/** To be archived, as this repository's own fleet.yaml lists them. */
export const OLD_STYLE = [
  ...["action", "backend", "browser", "cadvisor", "debug", "devops", "docker", "erpnext", "frontend", "grafana"],
  ...["homelab-arch", "jupyter", "onrate", "planning", "prometheus", "qa", "researcher", "seo", "software-arch"],
  ...["test-auditor", "test-writer", "tracking", "traefik", "traycer", "unifios", "unraid", "vllm"],
] as const;
export const TEST_ARTIFACT = "totally-invalid-agent-xyz-999";
export const KEPT = ["aws-cli", "dragonfly", "fediverse", "k8s", "n8n", "nixos", "windows"] as const;
export const NOBODYS = ["git-gitlab", "mcp-server-builder", "mem0", "plane", "qdrant"] as const;
/** Registered agents whose folders were once archived along with the old ones. */
export const REGISTERED = ["homelab-architect", "software-architect"] as const;

const LONG_AGO = new Date("2024-02-29T12:34:56.789Z");
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** A folder as they were: prompts, a memory, a script. */
function plainFolder(root: string, name: string): void {
  put(root, "README.md", `# ${name}\n\nHow the ${name} agent worked in its first year.\n`);
  put(root, "prompts/start.txt", `You are the ${name} agent.\r\n`);
  put(root, "run.sh", "#!/bin/sh\nexec claude\n", 0o755);
}

/** Everything a copy easily loses. */
function oddFolder(root: string): void {
  put(root, "name with spaces, ünïcode and 'quotes'.md", "kept\n");
  put(root, "-rf", "a name like an option\n");
  put(root, "two\nlines", "a name of two lines\n");
  put(root, ".env", "NOT_A_SECRET=1\n", 0o600);
  put(root, "read-only.txt", "nobody writes here\n", 0o444);
  put(root, "every-byte.bin", EVERY_BYTE);
  put(root, "empty-file", "");
  put(root, "a/b/c/d/e/deep.txt", "deep\n");
  put(root, "memory/2024.jsonl", '{"day":1}\n'.repeat(5000));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), "a name in Latin-1\n");
  mkdirSync(join(root, "empty/also-empty"), { recursive: true });
  mkdirSync(join(root, "private"), { mode: 0o700 });
  put(root, "private/diary.md", "mine\n", 0o640);
  symlinkSync("prompts/start.txt", join(root, "link-to-file"));
  symlinkSync("a/b", join(root, "link-to-folder"));
  symlinkSync("/nowhere/at/all", join(root, "link-to-nothing"));
  symlinkSync("../../desired/fleet.yaml", join(root, "link-out"));
  linkSync(join(root, "README.md"), join(root, "second-name.md"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  utimesSync(join(root, "README.md"), LONG_AGO, LONG_AGO);
  lutimesSync(join(root, "link-to-file"), LONG_AGO, LONG_AGO);
  chmodSync(join(root, "empty"), 0o2775);
  utimesSync(join(root, "empty"), LONG_AGO, LONG_AGO);
}

function put(root: string, path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  chmodSync(join(root, path), mode);
}

/** Fills the agents folder of a project with all that lay there, and the project with places that name it. */
export function moveIn(project: Project): void {
  for (const name of [...OLD_STYLE, ...KEPT, ...NOBODYS, TEST_ARTIFACT, ...REGISTERED]) {
    plainFolder(project.path(`agents/${name}`), name);
  }
  oddFolder(project.path("agents/planning"));
  oddFolder(project.path(`agents/${TEST_ARTIFACT}`));
  project.write("agents/archive/2024/notes.md", "archived by hand, long ago\n");
  project.write("scripts/spawn.sh", "#!/bin/sh\n# starts one\ncd agents/planning && exec claude\n", 0o755);
  project.write("src/paths.ts", 'export const home = join("agents", "frontend");\n');
  project.write("ops/services.yaml", "backend:\n  cwd: ./agents/backend\nplanning:\n  cwd: ./agents/planning\n");
  project.write("docs/history.md", "The planner lived in agents/planning, the tester in agents/qa.\n");
}

/**
 * Everything below a folder by its raw names: kind, mode, time, link target, size and content. Without the times of the
 * folders named, in which entries come and go.
 */
export function allOf(folder: string, untimed: readonly string[]): string[] {
  const read = (program: string, words: readonly string[]): string[] =>
    execFileSync(program, words, { cwd: folder, encoding: "latin1", maxBuffer: 1 << 28 })
      .split("\0")
      .filter((line) => line !== "");
  const facts = read("find", [".", "-printf", "%p|%y %m %T@ %l\\0"]);
  const contents = read("find", [".", "-type", "f", "-exec", "sha256sum", "--zero", "{}", "+"]);
  const bare = facts.map((line) => {
    const [path = ""] = line.split("|");
    return untimed.includes(path) ? line.replace(/ \d+\.\d+ /, " * ") : line;
  });
  return [...bare, ...contents].sort();
}
