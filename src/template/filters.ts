// The filters a template may use: a list of LiquidJS's pure ones, and a few of our own for rules and lists.

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
 * they are absolute (`Edit(//project/src/**)`), a glob without a slash matches its base name anywhere below the root,
 * and an absolute glob stays as it is; without one they are relative to the launch folder. `{a,b}` becomes two
 * rules: the client's patterns are those of gitignore, which has no braces.
 */
function editRules(value: unknown, root?: unknown): string[] {
  const base = root === undefined ? undefined : escapePath(text("edit_rules", root).replace(/\/+$/, ""));
  if (base !== undefined && base !== "" && !base.startsWith("/"))
    throw new FilterError("edit_rules takes an absolute root");
  const rules = texts("edit_rules", value)
    .flatMap(expandBraces)
    .map((glob) => editRule(glob.replace(/^\.\//, ""), base));
  return [...new Set(rules)];
}

function editRule(glob: string, base: string | undefined): string {
  if (base === undefined) return `Edit(${glob})`;
  if (glob.startsWith("/")) return `Edit(/${glob})`;
  return `Edit(/${base}/${glob.includes("/") ? "" : "**/"}${glob})`;
}

/** A folder's own name is no pattern. */
function escapePath(path: string): string {
  return path.replace(/[\\*?[\]!]/g, "\\$&");
}

const MOST_RULES = 1000;

/** `src/{a,b}/**` → `src/a/**`, `src/b/**`; inner braces first. Braces without a comma stay. */
export function expandBraces(glob: string): string[] {
  let open = [glob];
  for (;;) {
    const next = open.flatMap((one) => {
      const match = /^(.*)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(one);
      if (!match) return [one];
      const [, before = "", choices = "", after = ""] = match;
      return choices.split(",").map((choice) => `${before}${choice}${after}`);
    });
    if (next.length > MOST_RULES) throw new FilterError(`the glob ${glob} stands for more than ${MOST_RULES} patterns`);
    if (next.length === open.length) return next;
    open = next;
  }
}

/** Our own filters by name. */
export const OWN_FILTERS = { wrap_each: wrapEach, edit_rules: editRules } as const;
