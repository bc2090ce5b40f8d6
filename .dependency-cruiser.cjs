// Who may import whom. The tables are the contract; the rules below are made from them. Type imports count too.

/** Rooms below src/ and the rooms each may import besides itself. Nothing else of src/ is allowed to it. */
const ROOMS = {
  model: [],
  delta: ["model"],
  template: ["model"],
  host: ["model"],
  report: ["model"],
  config: ["model"],
  spec: ["model"],
  ledger: ["model", "delta"],
  engine: ["model", "delta"],
};

/** One kind may import the nouns and the pure tools: never another kind, the engine or the host. */
const KIND_MAY = ["model", "delta", "template"];

/** One dependency, one door: the files that may import a package. */
const DOORS = {
  yaml: "^src/spec/read",
  zod: "^src/.*schema[^/]*\\.ts$",
  cosmiconfig: "^src/config/load",
  execa: "^src/host/exec",
  "deep-diff": "^src/delta/changes",
  "fast-json-patch": "^src/delta/patch",
  "jsonc-parser": "^src/delta/edit",
  diff: "^src/delta/",
  liquidjs: "^src/template/",
  commander: "^src/(?:cli|claude-agent)\\.ts$|^src/commands/",
  "@clack/prompts": "^src/commands/",
};

/** The packages that the build puts into dist/: those with a door, and one that several rooms import. */
const BUNDLED = [...Object.keys(DOORS)];

/** The program that becomes the hook: it runs in the client's process tree, not in Rollcall's. */
const HOOK_PROGRAM = "^src/kinds/hook/guard/entry\\.ts$";

/** What Node reads first: it fetches the program. Loaded by nobody. */
const LAUNCHER = "^src/launch\\.ts$";

/** Node modules that reach out of the process, and the only room they are for. */
const OUTSIDE = "^(?:node:)?(?:fs|fs/promises|child_process|net|http|https|worker_threads|cluster|dgram|tls)$";
const PROCESS_FILES = "^src/(?:cli|claude-agent)\\.ts$|^src/commands/";

const roomRules = Object.entries(ROOMS).map(([room, may]) => ({
  name: `room-${room}`,
  comment: `${room} imports ${may.length > 0 ? `only ${may.join(", ")}` : "no other room"}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(?:${[room, ...may].join("|")})/` },
}));

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
      to: { path: "^src/", pathNot: `^src/(?:${KIND_MAY.join("|")})/|^src/kinds/$1/` },
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
      from: { path: "^src/reconcile\\.ts$" },
      to: { path: "^src/", pathNot: "^src/(?:model|engine|delta)/" },
    },
    {
      name: "commands-are-the-end",
      comment: "only the entries import commands",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(?:cli|claude-agent|core|launch|index)\\.ts$|^src/commands/" },
      to: { path: "^src/(?:commands/|cli\\.ts|claude-agent\\.ts|index\\.ts|reconcile\\.ts)" },
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
