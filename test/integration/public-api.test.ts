// What a program gets that installs the package: the packed tarball is unpacked, and small programs are compiled against its
// types, with every check on, and run.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { openProject, type Project } from "../support/project-fixture.ts";
import { sessionsOn } from "../support/tmux-fixture.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const base = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-api-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const compilerOptions = {
  target: "es2023",
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  typeRoots: [join(repository, "node_modules/@types")],
  types: ["node"],
};

/** Ten lines: what a plan would do, and its summary. */
const plans = `import { openProject, type Plan } from "rollcall";

const project = await openProject({ folder: process.argv[2] ?? "." });
const plan: Plan = await project.plan({ filesOnly: true });
for (const { action, address } of plan.actions) {
  console.log(action, address);
}
console.log(JSON.stringify(plan.summary));
`;

/** Applies, listens, and looks at the status. */
const applies = `import { openProject, type RunEvent } from "rollcall";

const heard: RunEvent["event"][] = [];
const project = await openProject({ folder: process.argv[2] ?? ".", onEvent: ({ event }) => heard.push(event) });
const run = await project.apply();
const { agents } = await project.status();
console.log(run.converged, heard[0], heard.at(-1), heard.filter((event) => event === "step").length === run.outcomes.length);
for (const { agent, sync } of agents) console.log(agent, sync);
console.log((await project.apply()).outcomes.length);
`;

/** A kind from outside of this repository: every agent has a folder `inbox`. */
const adds = `import { address, defineKind, digestBytes, digestParts, NO_DELTA, openProject } from "rollcall";

const parts = { "": { digest: digestBytes("folder") } };
const inbox = defineKind<{ readonly mode: number }, { readonly path: string }>({
  name: "inbox",
  describe: { owns: "The folder inbox of every agent.", inSync: "It is there.", addresses: "inbox/<agent>/notes" },
  live: false,
  removalRank: () => 3,
  desire: ({ name, dir }) => [{
    address: address({ kind: "inbox", agent: name, name: "notes" }), kind: "inbox", agent: name, props: { mode: 0o755 },
    parts, digest: digestParts(parts), needs: [], portable: false, at: \`\${dir}/inbox\`,
  }],
  observe(queries, fleet, world) {
    const observed = queries.map(({ address, want, record }) => {
      const path = \`\${fleet.machine.folders.agents}/\${want?.at ?? record?.at}\`;
      const exists = world.files.folder(path).state === "folder";
      return { address, seen: { path }, exists, same: exists, parts: exists ? parts : {}, digest: digestBytes(String(exists)) };
    });
    return { observed, unmanaged: [], warnings: [] };
  },
  diff: (want, have) => want && !have?.exists
    ? { ...NO_DELTA, reason: "the folder is missing", changes: [{ path: "", before: null, after: "folder" }] }
    : NO_DELTA,
  async put(jobs, fleet, world, settle) {
    for (const { want } of jobs) {
      world.files.makeFolder(\`\${fleet.machine.folders.agents}/\${want.at}\`, want.props.mode);
      settle({ address: want.address, result: "done", parts: { "": parts[""].digest } });
    }
  },
  remove: async () => {},
  capabilities: {},
});
const project = await openProject({ folder: process.argv[2] ?? ".", kinds: [inbox] });
const { actions } = await project.plan({ only: "inbox" });
for (const { action, address } of actions) console.log(action, address);
console.log((await project.apply({ filesOnly: true })).converged, (await project.plan({ only: "inbox" })).actions.length);
`;

/** Everything that is wrong in a spec; and a misspelt option, which must not compile. */
const fails = `import { openProject, SpecError } from "rollcall";

// @ts-expect-error: the option is called folder
export const misspelt = () => openProject({ foldr: "." });
try {
  await openProject({ folder: process.argv[2] ?? "." });
} catch (error) {
  if (!(error instanceof SpecError)) throw error;
  for (const { code, file, line } of error.diagnostics) console.log(code, file, line);
}
`;

beforeAll(() => {
  const installed = join(base, "node_modules/rollcall");
  mkdirSync(installed, { recursive: true });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: base,
    npm_config_cache: join(base, "npm"),
    npm_config_update_notifier: "false",
  };
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", base];
  const [packed] = JSON.parse(execFileSync("npm", words, { cwd: repository, env, encoding: "utf8" })) as [
    { readonly filename: string },
  ];
  execFileSync("tar", ["-xzf", join(base, packed.filename), "-C", installed, "--strip-components=1"]);
  writeFileSync(join(base, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(base, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  for (const [name, text] of Object.entries({ plans, applies, adds, fails }))
    writeFileSync(join(base, `${name}.ts`), text);
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const compiled = spawnSync(process.execPath, [tsc, "-p", base], { cwd: base, encoding: "utf8" });
  expect(compiled.stdout + compiled.stderr).toBe("");
}, 120_000);

/** Runs a compiled program on a project; the lines it printed. */
function run(name: string, { root, env }: Project): string[] {
  const done = spawnSync(process.execPath, [join(base, `${name}.js`), root], { cwd: base, env, encoding: "utf8" });
  expect(done.stderr).toBe("");
  return done.stdout.trimEnd().split("\n");
}

test("a program of ten lines plans a project and prints the same summary as the command", async () => {
  const project = openProject({ files: fleetFiles() });
  const lines = run("plans", project);
  const { summary } = (await project.run(["plan", "--files-only", "-o", "json"])).json();
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual(summary);
  expect(lines).toContain("create config/planning-agent/.claude/settings.json");
  expect(readdirSync(project.root).sort()).toEqual(["desired", "templates"]);
});

test("a program applies a project, hears of each step, and finds every agent in sync afterwards", () => {
  const project = openProject({ files: fleetFiles({ agents: [{ name: "cook" }] }) });
  expect(run("applies", project)).toEqual(["true run-started run-ended true", "cook in-sync", "0"]);
  expect(Object.keys(sessionsOn(project.socket))).toEqual(["iw-cook"]);
});

test("a program adds a kind of its own, which is planned with the others", () => {
  const project = openProject({ files: fleetFiles({ agents: [{ name: "cook" }] }) });
  expect(run("adds", project)).toEqual(["create inbox/cook/notes", "true 0"]);
  expect(project.exists("agents/cook/inbox")).toBe(true);
});

test("what is wrong in the spec is thrown as one error with every place, and a misspelt option does not compile", () => {
  const files = fleetFiles({ agents: [{ name: "cook", more: ["delegates_to: [baker]"] }] });
  expect(run("fails", openProject({ files }))).toEqual([expect.stringMatching(/^E104 desired\/registry\.yaml \d+$/)]);
});
