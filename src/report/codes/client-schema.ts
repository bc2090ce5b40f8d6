// Codes E650–E699 and W650–W699: what the client makes of settings, and patches that do not fit.
import type { CodeTable } from "./code.ts";

const DROPPED =
  "Claude Code throws a settings file away whole when one value in it has a wrong shape: with it go the hook and all permission rules, and nothing tells.";
const IGNORED =
  "The client reads the file and passes over this part without a word: an unknown key or event, a malformed rule, a rule that matches nothing, a relative hook command.";
const OPEN =
  'A hook that is missing, not executable or broken lets the tool run, unless its entry says `"onFailure": "block"`.';
const TEMPLATE = "Correct the template. `policy.client_schema: warn` lets it through with a warning, `off` without.";

export const clientSchemaCodes: CodeTable = {
  E650: { title: "the client would drop the rendered settings", meaning: DROPPED, remedy: TEMPLATE },
  W660: { title: "the client will drop the rendered settings", meaning: DROPPED, remedy: TEMPLATE },
  E651: { title: "the client would ignore a part of the rendered settings", meaning: IGNORED, remedy: TEMPLATE },
  W661: { title: "the client will ignore a part of the rendered settings", meaning: IGNORED, remedy: TEMPLATE },
  E652: {
    title: "the rendered hook fails open",
    meaning: OPEN,
    remedy: 'Write `"onFailure": "block"` beside its command.',
  },
  W662: {
    title: "the rendered hook fails open",
    meaning: OPEN,
    remedy: 'Write `"onFailure": "block"` beside its command.',
  },
  W650: {
    title: "a foreign entry permits more than the spec",
    meaning:
      "Somebody, or the client after an answer in a dialog, added an entry that permits what the spec does not: an allow rule, a further directory, a looser mode, a switch.",
    remedy:
      "Take it out, or put it into the template so that it is reviewed. `policy.widening: heal` takes such entries out at every apply.",
  },
  W651: {
    title: "the client ignores a settings file on disk",
    meaning: `${DROPPED} Enforcement is off until it is put right.`,
    remedy:
      "`rollcall apply` takes exactly the offending value out (comments and trailing commas too) and keeps the file as it was as a before-image.",
  },
  W652: {
    title: "the client ignores a part of a settings file on disk",
    meaning: IGNORED,
    remedy: "It is foreign, so Rollcall leaves it. Whoever wrote it may want to correct it.",
  },
  E660: {
    title: "a patch reaches for a prototype",
    meaning:
      "An operation of the patch names `__proto__`, `constructor` or `prototype` in its path. Nothing was applied.",
    remedy: "Do not use this patch, and find out where it came from.",
  },
  E661: {
    title: "a patch does not fit the document",
    meaning:
      "The patch was made for another state of the file: a guard in it, or an operation, failed. Nothing was applied.",
    remedy: "Make a new plan: it looks at what is there now.",
  },
};
