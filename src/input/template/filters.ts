// The filters a template may use: a list of LiquidJS's pure ones, and a few of our own for rules and lists.
import { ignorePatterns } from "./ignore-patterns.ts";

/**
 * LiquidJS filters that neither read a clock or a locale nor run expressions, regular expressions or chance.
 * Everything else (`date`, `sample`, `where_exp`, …) is an unknown filter here.
 */
export const ALLOWED_FILTERS: ReadonlySet<string> = new Set(
  `abs append at_least at_most capitalize ceil compact concat default divided_by downcase escape find first floor has join
  json last lstrip map minus modulo plus prepend push reject remove remove_first remove_last replace replace_first
  replace_last reverse round rstrip size slice sort sort_natural split strip strip_newlines sum times truncate
  truncatewords uniq unshift upcase url_encode where`.split(/\s+/),
);

/** Tags without shared state, files of their own or layouts. */
export const ALLOWED_TAGS: ReadonlySet<string> = new Set(
  "assign break capture case comment continue echo for if include raw render unless #".split(" "),
);

/** A filter was given something it has no meaning for. */
class FilterError extends Error {}

function texts(filter: string, value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === "string") return item;
    throw new FilterError(`${filter} takes a list of texts`);
  });
}

function text(filter: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new FilterError(`${filter} takes texts as its arguments`);
}

/** `list | wrap_each: before, after`: every element between two texts. */
function wrapEach(value: unknown, before?: unknown, after?: unknown): string[] {
  const [left, right] = [text("wrap_each", before), text("wrap_each", after)];
  return texts("wrap_each", value).map((item) => `${left}${item}${right}`);
}

/**
 * `globs | edit_rules` and `globs | edit_rules: root`: permission rules of the client for a list of globs. With a root
 * they are absolute (`Edit(//project/src/**)`); without one they are relative to the launch folder.
 */
function editRules(value: unknown, root?: unknown): string[] {
  const base = root === undefined ? undefined : text("edit_rules", root);
  if (base !== undefined && base !== "" && !base.startsWith("/"))
    throw new FilterError("edit_rules takes an absolute root");
  const patterns = texts("edit_rules", value).flatMap((glob) => ignorePatterns(glob, base) ?? refuse(glob));
  return [...new Set(patterns)].map((pattern) => `Edit(${pattern})`);
}

function refuse(glob: string): never {
  throw new FilterError(`the glob ${JSON.stringify(glob.slice(0, 80))} cannot become a permission rule`);
}

/** Our own filters by name. */
export const OWN_FILTERS = { wrap_each: wrapEach, edit_rules: editRules } as const;
