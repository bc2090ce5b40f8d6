// The shape of a plan document, to read a saved one back: strict, so that a hand-made one is told what is wrong with it.
import { z } from "zod";
import type { Json } from "../model/json.ts";
import { ACTIONS, FORMAT_VERSION, IMPACTS, type Plan } from "../model/plan.ts";
import { LOSSES } from "../model/resource.ts";
import { VERDICTS } from "../model/verdict.ts";

const json: z.ZodType<Json> = z.json();
const count = z.number().int().nonnegative();
const place = { file: z.string(), line: count, col: count, message: z.string() };

const action = z.strictObject({
  address: z.string(),
  kind: z.string(),
  agent: z.string(),
  action: z.enum(ACTIONS),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  impact: z.enum(IMPACTS),
  loses: z.array(z.enum(LOSSES)),
  widens: z.literal(true).optional(),
  changes: z.array(z.strictObject({ path: z.string(), before: json, after: json })),
  patch: z
    .union([
      z.string(),
      z.array(
        z.strictObject({
          op: z.enum(["add", "remove", "replace", "move", "copy", "test"]),
          path: z.string(),
          from: z.string().optional(),
          value: json.optional(),
        }),
      ),
    ])
    .optional(),
});

const diagnostic = z.strictObject({
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  ...place,
  hint: z.string().optional(),
  related: z.array(z.strictObject(place)).optional(),
});

const scope = z.strictObject({
  agents: z.array(z.string()),
  filesOnly: z.boolean(),
  portable: z.boolean(),
  only: z.string().optional(),
  prune: z.boolean(),
  overwrite: z.boolean(),
  force: z.boolean(),
  allowDelete: count.optional(),
});

/** A plan as `plan --out` saves it: the document, the options it was made with, and a digest over all of it. */
export const savedPlanSchema = z.strictObject({
  kind: z.literal("plan"),
  formatVersion: z.literal(FORMAT_VERSION),
  fleet: z.string(),
  basis: z.strictObject({
    root: z.string(),
    lineage: z.string(),
    serial: count,
    desired: z.string(),
    observed: z.record(z.string(), z.string()),
  }),
  actions: z.array(action),
  deferred: z.array(
    z.strictObject({ address: z.string(), reason: z.string(), impact: z.enum(IMPACTS), since: z.string() }),
  ),
  blocked: z.array(
    z.strictObject({ address: z.string(), verdict: z.enum(VERDICTS), reason: z.string(), hint: z.string() }),
  ),
  held: z.array(z.strictObject({ agent: z.string(), reason: z.string(), since: z.string() })),
  orphans: z.array(z.string()),
  unmanaged: z.array(z.string()),
  warnings: z.array(diagnostic),
  summary: z.strictObject({
    create: count,
    update: count,
    replace: count,
    delete: count,
    adopt: count,
    forget: count,
    archive: count,
    blocked: count,
    deferred: count,
    widened: count,
    drift: count,
    pending: count,
  }),
  saved: z.strictObject({ scope, integrity: z.string() }),
});

export type SavedPlan = Plan & { readonly saved: z.infer<typeof savedPlanSchema>["saved"] };
