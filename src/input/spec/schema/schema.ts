// The shapes of the registry and of fleet.yaml: one definition for checking, for types and for the published JSON Schema.
// Shapes hold no defaults and no conversions: fleet.ts and registry.ts make the model from what is written.
import * as z from "zod";
import { type FormatRule, RULES } from "./formats.ts";
import type { Issue, Path, SchemaResult, Shape } from "./schema-port.ts";

function word(rule: FormatRule, about: string) {
  return z.string().regex(rule.pattern).describe(about);
}

const prose = (about: string) => z.string().min(1).describe(about);
const globs = (about: string) => z.array(word(RULES.word, "a glob, relative to the project root")).describe(about);
const names = (about: string) => z.array(word(RULES.word, "a name")).describe(about);
const env = z
  .record(word(RULES.variable, "the variable"), word(RULES.setting, "a value, env:NAME or file:PATH"))
  .describe("environment of the session; secrets only as references");

const session = z
  .strictObject({
    command: z
      .array(word(RULES.word, "one argument; Liquid is rendered"))
      .min(1)
      .describe("argument list of the client"),
    fallback: z.array(word(RULES.word, "one argument")).describe("run instead when the command is not installed"),
    prefix: word(RULES.prefix, "what session names begin with"),
    start: z.enum(["always", "on-demand", "never"]),
    restart: z.enum(["on-failure", "always", "never"]),
    on_change: z.enum(["when-idle", "always", "never"]),
    env,
    size: z.tuple([z.int().min(20).max(1000), z.int().min(5).max(1000)]).describe("columns and lines"),
    parallel: z.int().min(1).max(64).describe("clients started at once"),
    ready: z
      .strictObject({
        after: word(RULES.duration, "what is started must live this long; default: 1s, 0s: do not wait"),
        timeout: word(RULES.duration, "a start is never waited for longer; default: 30s"),
      })
      .partial()
      .describe("when a start counts"),
  })
  .partial();

const agent = z.strictObject({
  name: word(RULES.name, "the same as its key"),
  display_name: word(RULES.word, "for people"),
  description: prose("what it is for"),
  model: word(RULES.word, "the model the client runs"),
  tools: names("the only tools it may call"),
  delegates_to: names("the only agents it may start").optional(),
  cannot_access: globs("where it may not write").optional(),
  exclusive_access: globs("where only it may write").optional(),
  responsibilities: z.array(prose("one sentence")).optional(),
  forbidden: z.array(prose("one sentence")).optional(),
  enabled: z
    .boolean()
    .optional()
    .describe("false: it shall not run; its files stay in sync, its session is an orphan until pruned"),
  protect: z.boolean().optional().describe("true: never deleted"),
  edits_spec: z
    .boolean()
    .optional()
    .describe(
      "true: it may write the registry, fleet.yaml and the templates, so it can give itself any right; default: false",
    ),
  dir: word(RULES.folder, "its folder below the agents folder; default: its name").optional(),
  renamed_from: word(RULES.name, "the name it had before").optional(),
  labels: z.array(word(RULES.label, "a label")).optional(),
  env: env.optional(),
  session: session.optional(),
  host: word(RULES.word, "the machine it is meant for; without effect so far").optional(),
});

export const registrySchema = z.strictObject({
  version: z.literal(1).optional(),
  agents: z.record(word(RULES.name, "the agent's name"), agent),
});

const file = z.strictObject({
  template: word(RULES.word, "a file of the templates folder"),
  target: word(RULES.word, "where it goes, relative to the agent's folder"),
  merge: z.enum(["whole", "block", "keys"]).optional(),
  mode: word(RULES.mode, "octal text").optional(),
});

const duty = z.enum(["enforce", "report"]);

const policy = z
  .strictObject({
    prune_budget: z
      .union([word(RULES.percent, "a share of the agents"), z.int().min(0).max(1_000_000)], {
        error: 'expected a share like "25%" or a number of agents',
      })
      .describe("how many agents one run may prune"),
    parallelism: z.int().min(1).max(256),
    client_schema: z.enum(["error", "warn", "off"]),
    widening: z.enum(["report", "heal"]),
    unattended_widening: z
      .enum(["block", "committed", "allow"])
      .describe("what reconcile does with a change that gives an agent more rights; default: committed"),
    attached_grace: word(RULES.duration, "how long after the last key somebody counts as there"),
    enforce: z.strictObject({ config: duty, hook: duty, session: duty, retired: duty }).partial(),
  })
  .partial();

const retire = z
  .strictObject({
    label: word(RULES.folder, "the folder below agents/archive"),
    archive: z.array(
      z.strictObject({ dir: word(RULES.folder, "a folder"), replaced_by: word(RULES.word, "an agent").optional() }),
    ),
    delete: z.array(word(RULES.folder, "a folder")),
    keep: z.array(word(RULES.folder, "a folder")),
    tag: z
      .boolean()
      .describe("mark the commit with a git tag, rollcall/before-RUN, before a folder leaves; default: false"),
  })
  .partial();

export const fleetSchema = z
  .strictObject({
    version: z.literal(1),
    name: word(RULES.name, "the fleet's name; default: the folder's"),
    files: z.array(file).describe("what every agent gets"),
    hook: z
      .strictObject({
        path: word(RULES.word, "relative to the agent's folder"),
        access: z.enum(["write", "all"]),
        always_allowed_tools: names("tools without an effect outside the conversation"),
      })
      .partial(),
    session,
    policy,
    retire,
  })
  .partial();

export type RegistryFile = z.infer<typeof registrySchema>;
export type AgentEntry = z.infer<typeof agent>;
export type SessionEntry = z.infer<typeof session>;
export type FleetFile = z.infer<typeof fleetSchema>;

/** A zod schema as readers see it. */
export function shapeOf<T>(schema: z.ZodType<T>): Shape<T> {
  return {
    check(value): SchemaResult<T> {
      const parsed = schema.safeParse(value);
      return parsed.success ? { ok: true, value: parsed.data } : { ok: false, issues: parsed.error.issues };
    },
    fields: (path) => fieldsAt(schema, path),
  };
}

const wholeRegistry: Shape<RegistryFile> = shapeOf(registrySchema);

/** zod does not look at the value of a key that is wrong; a person wants to hear of both. */
export const registryShape: Shape<RegistryFile> = {
  ...wholeRegistry,
  check(value) {
    const checked = wholeRegistry.check(value);
    if (checked.ok) return checked;
    return { ok: false, issues: checked.issues.flatMap((issue) => [issue, ...belowWrongKey(issue, value)]) };
  },
};

function belowWrongKey({ code, path }: Issue, value: unknown): Issue[] {
  const name = path[1];
  if (code !== "invalid_key" || path.length !== 2 || path[0] !== "agents" || typeof name !== "string") return [];
  const entry = z.looseObject({ agents: z.record(z.string(), z.unknown()) }).safeParse(value);
  const checked = agent.safeParse(entry.data?.agents[name]);
  return checked.success ? [] : checked.error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}
export const fleetShape: Shape<FleetFile> = shapeOf(fleetSchema);

/** The fields of the map at a path of a schema; none where the map is free. */
function fieldsAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  let here: z.core.$ZodType = schema;
  for (const step of path) here = below(unwrap(here), step);
  const end = unwrap(here);
  return end instanceof z.ZodObject ? Object.keys(end.shape) : [];
}

function below(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)] ?? schema;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return schema;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema;
}
