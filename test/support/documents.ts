// The documents of design section 8 as strict shapes: a field too many or too few fails the test that parses with them.
import { z } from "zod";

const address = z.string().regex(/^(config|hook|session|retired)\/([a-z0-9][a-z0-9-]*|-)\/[^#]+(#\/.*)?$/);
const verdict = z.enum([
  "in-sync",
  "missing",
  "vanished",
  "pending",
  "tampered",
  "conflicting",
  "unowned",
  "orphan",
  "tampered-orphan",
  "foreign",
  "gone",
  "unknown",
]);
const actionName = z.enum(["create", "update", "replace", "delete", "adopt", "forget", "archive"]);
const impact = z.enum(["none", "reload", "restart-when-idle", "restart-now", "fresh-context"]);
const count = z.int().nonnegative();
const head = { formatVersion: z.literal("1.0") };
const words = z.string().min(1);
const time = z.iso.datetime();

const diagnosticShape = z.strictObject({
  code: z.string().regex(/^[EW]\d{3}$/),
  severity: z.enum(["error", "warning"]),
  file: z.string(),
  line: count,
  col: count,
  message: words,
  hint: words.optional(),
  related: z.array(z.strictObject({ file: words, line: count, col: count, message: words })).optional(),
});

const operation = z.strictObject({
  op: z.enum(["add", "remove", "replace", "move", "copy", "test"]),
  path: z.string(),
  from: z.string().optional(),
  value: z.json().optional(),
});

const actionShape = z.strictObject({
  address,
  kind: z.enum(["config", "hook", "session", "retired"]),
  agent: words,
  action: actionName,
  verdict,
  reason: words,
  impact,
  loses: z.array(z.enum(["attached", "turn", "dialog", "background"])),
  widens: z.literal(true).optional(),
  changes: z.array(z.strictObject({ path: z.string(), before: z.json(), after: z.json() })),
  patch: z.union([z.string(), z.array(operation)]).optional(),
});

export const planShape = z.strictObject({
  kind: z.literal("plan"),
  ...head,
  fleet: words,
  basis: z.unknown(),
  actions: z.array(actionShape),
  deferred: z.array(z.strictObject({ address, reason: words, impact, since: time })),
  blocked: z.array(z.strictObject({ address, verdict, reason: words, hint: words })),
  held: z.array(z.strictObject({ agent: words, reason: words, since: time })),
  orphans: z.array(address),
  unmanaged: z.array(words),
  warnings: z.array(diagnosticShape),
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
});

export const runShape = z.strictObject({
  kind: z.literal("run"),
  ...head,
  id: z.string(),
  outcomes: z.array(
    z.strictObject({
      address,
      action: actionName,
      result: z.enum(["done", "failed", "skipped", "deferred", "blocked"]),
      corrective: z.boolean(),
      widens: z.array(words).optional(),
      error: z
        .strictObject({
          code: z.string(),
          message: words,
          hint: words.optional(),
          output: z.array(z.string()).optional(),
        })
        .optional(),
    }),
  ),
  proven: z.number().int().positive().optional(),
  converged: z.boolean(),
  remaining: planShape,
  spec: z.strictObject({ diagnostics: z.array(diagnosticShape) }).optional(),
});

export const statusShape = z.strictObject({
  kind: z.literal("status"),
  ...head,
  socket: words,
  agents: z.array(
    z.strictObject({
      agent: words,
      sync: z.enum(["in-sync", "out-of-sync", "blocked", "held", "unknown", "orphan"]),
      health: z.enum([
        "absent",
        "starting",
        "running",
        "busy",
        "idle",
        "waiting",
        "exited",
        "crashed",
        "crash-loop",
        "unknown",
      ]),
      notes: z.array(words),
      session: z.null(),
      drift: z.array(address),
      hold: z.strictObject({ reason: words, since: time, by: words }).optional(),
    }),
  ),
});

export const errorShape = z.strictObject({
  kind: z.literal("error"),
  ...head,
  code: z.string().regex(/^E\d{3}$/),
  message: words,
  hint: words.optional(),
  diagnostics: z.array(diagnosticShape),
});

export type RunDocument = z.infer<typeof runShape>;
