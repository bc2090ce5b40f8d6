// Who may import whom. The tables are the contract; the rules below are made from them. Type imports count too.

/** Rooms below src/ and the rooms each may import besides itself. Nothing else of src/ is allowed to it. */
const ROOMS = {
  model: [],
  delta: ["model"],
  client: ["model", "delta"],
  guard: ["model", "delta"],
  input: ["model", "delta"],
  report: ["model", "delta"],
  host: ["model", "delta"],
  ledger: ["model", "delta"],
  engine: ["model", "delta"],
};

/** One kind may import the nouns, the pure tools, what is known of the client, and the guard's policy type. */
const KIND_MAY = ["model", "delta", "client"];
const GUARD_POLICY = "^src/guard/policy\\.ts$";

/** What the command line may import: use cases, their documents and the surfaces it starts; nothing they are made of. */
const CLI_MAY = ["cli", "app", "controller", "tui", "server", "report", "model", "delta"];
const LOOP = "^src/reconcile\\.ts$";

/** Where the command line reaches past that, file by file. */
const CLI_EXCEPTIONS = {
  // The folder of --chdir is looked at before there is a project, and so before there is a use case.
  "^src/cli/chdir\\.ts$": "^src/host/fs/files\\.ts$",
  // A plan is saved where the person says, and that may be outside of the project.
  "^src/cli/file-arguments\\.ts$": "^src/host/fs/durable-folder\\.ts$",
  // The terminal of this very process is handed over.
  "^src/cli/enter-session\\.ts$": "^src/host/process/interact\\.ts$",
  // `adopt --registry` is the original system's, behind a flag of today's command.
  "^src/cli/commands/adopt\\.ts$": "^src/legacy/adopt-registry\\.ts$",
};

/** One dependency, one door: the files that may import a package. */
const DOORS = {
  yaml: "^src/input/spec/yaml/",
  zod: "^src/.*schema[^/]*\\.ts$",
  cosmiconfig: "^src/input/config/load",
  execa: "^src/host/process/exec",
  "deep-diff": "^src/delta/changes",
  "fast-json-patch": "^src/delta/patch",
  "jsonc-parser": "^src/delta/edit",
  diff: "^src/delta/",
  liquidjs: "^src/input/template/",
  commander: "^src/cli/|^src/legacy/claude-agent\\.ts$",
  "@clack/prompts": "^src/cli/prompt\\.ts$",
};

/** The packages that the build puts into dist/: those with a door, and one that several rooms import. */
const BUNDLED = [...Object.keys(DOORS)];

/** The program that becomes the hook: it runs in the client's process tree, not in Rollcall's. */
const HOOK_PROGRAM = "^src/guard/main\\.ts$";

/** What Node reads first: it fetches the program. Loaded by nobody. */
const LAUNCHER = "^src/launch\\.ts$";

/** Node modules that reach out of the process, and the only room they are for. */
const OUTSIDE = "^(?:node:)?(?:fs|fs/promises|child_process|net|http|https|worker_threads|cluster|dgram|tls)$";
const PROCESS_FILES = "^src/(?:cli|claude-agent|index)\\.ts$|^src/cli/";

/** The one place where a room reaches into the original system's: templates in its ${NAME} dialect are compiled there. */
const LEGACY_DIALECT = "^src/legacy/dialect\\.ts$";

const roomRules = Object.entries(ROOMS).map(([room, may]) => ({
  name: `room-${room}`,
  comment: `${room} imports ${may.length > 0 ? `only ${may.join(", ")}` : "no other room"}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: {
    path: "^src/",
    pathNot: `^src/(?:${[room, ...may].join("|")})/${room === "input" ? `|${LEGACY_DIALECT}` : ""}`,
  },
}));

const cliRules = [
  {
    name: "cli-calls-use-cases",
    comment: `the command line imports ${CLI_MAY.join(", ")}, and what its table of exceptions says`,
    severity: "error",
    from: { path: "^src/cli/", pathNot: Object.keys(CLI_EXCEPTIONS).join("|") },
    to: { path: "^src/", pathNot: `^src/(?:${CLI_MAY.join("|")})/|${LOOP}` },
  },
  ...Object.entries(CLI_EXCEPTIONS).map(([file, target]) => ({
    name: "cli-calls-use-cases",
    comment: `of all else ${file} imports only ${target}`,
    severity: "error",
    from: { path: file },
    to: { path: "^src/", pathNot: `^src/(?:${CLI_MAY.join("|")})/|${LOOP}|${target}` },
  })),
  {
    name: "cli-runs-no-loop",
    comment: "of the loop the command line knows the types of its results",
    severity: "error",
    from: { path: "^src/cli/" },
    to: { path: LOOP, dependencyTypesNot: ["type-only"] },
  },
];

const doorRules = Object.entries(DOORS).map(([name, door]) => ({
  name: `door-${name.replace("@clack/", "")}`,
  comment: `${name} is imported only by ${door}`,
  severity: "error",
  from: { path: "^src/", pathNot: door },
  to: { path: `(?:^|/)node_modules/(?:@types/)?${name}/` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...doorRules,
    ...cliRules,
    {
      name: "model-imports-nothing",
      comment: "the nouns know no package and no part of Node",
      severity: "error",
      from: { path: "^src/model/" },
      to: { pathNot: "^src/model/" },
    },
    {
      name: "kind-stays-home",
      comment: `a kind imports ${KIND_MAY.join(", ")} and itself: no other kind, no engine, no host`,
      severity: "error",
      from: { path: "^src/kinds/([^/]+)/" },
      to: { path: "^src/", pathNot: `^src/(?:${KIND_MAY.join("|")})/|^src/kinds/$1/|${GUARD_POLICY}` },
    },
    {
      name: "kind-list",
      comment: "the list of kinds names the definition of each kind and nothing behind it",
      severity: "error",
      from: { path: "^src/kinds/[^/]+\\.ts$" },
      to: { path: "^src/", pathNot: "^src/model/|^src/kinds/[^/]+/index\\.ts$" },
    },
    {
      name: "kinds-by-the-list",
      comment: "the composition root takes kinds from kinds/index only",
      severity: "error",
      from: { path: "^src/(?!kinds/)" },
      to: { path: "^src/kinds/", pathNot: "^src/kinds/index\\.ts$" },
    },
    {
      name: "loop-sees-the-engine",
      comment: "the loop names steps: nouns, engine and delta only, the rest is passed in",
      severity: "error",
      from: { path: LOOP },
      to: { path: "^src/", pathNot: "^src/(?:model|engine|delta)/" },
    },
    {
      name: "cli-is-the-end",
      comment: "only the entry points and the original's command line import the command line",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(?:cli|claude-agent|core|launch)\\.ts$|^src/cli/|^src/legacy/" },
      to: { path: "^src/(?:cli/|cli\\.ts|claude-agent\\.ts|index\\.ts)" },
    },
    {
      name: "app-knows-no-command-line",
      comment: "use cases return documents: no argv, no exit code, no console",
      severity: "error",
      from: { path: "^src/app/" },
      to: { path: "^src/(?:cli/|controller/|tui/|server/)" },
    },
    {
      name: "only-use-cases-run-the-loop",
      comment: "the rooms below the use cases do not know the loop",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(?:index|core|cli|claude-agent)\\.ts$|^src/(?:app|cli|legacy)/" },
      to: { path: LOOP },
    },
    {
      name: "outside-only-through-the-host",
      comment: "files, processes and sockets are reached through src/host/",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/host/|${HOOK_PROGRAM}|${LAUNCHER}` },
      to: { path: OUTSIDE },
    },
    {
      name: "process-only-at-the-edge",
      comment: "arguments, environment and exit codes belong to the entries and the commands",
      severity: "error",
      from: { path: "^src/", pathNot: `${PROCESS_FILES}|${HOOK_PROGRAM}` },
      to: { path: "^(?:node:)?process$" },
    },
    {
      name: "no-cycles",
      comment: "data flows one way",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-orphans",
      comment: "a file that nobody imports and that imports nobody is not part of the program",
      severity: "error",
      from: { orphan: true, pathNot: "^src/(?:cli|claude-agent|index)\\.ts$|^test/.*\\.test\\.ts$|^scripts/" },
      to: {},
    },
    {
      name: "no-tests-in-the-program",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(?:test|scripts)/" },
    },
    {
      name: "declared-dependencies",
      comment: "the program is built of these packages and no other; it needs none when it runs",
      severity: "error",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: `(?:^|/)node_modules/(?:@types/)?(?:${BUNDLED.join("|")})/`,
      },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/fixtures/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    moduleSystems: ["es6", "cjs"],
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".cjs", ".d.ts", ".json"],
    },
    builtInModules: { add: [] },
  },
};
