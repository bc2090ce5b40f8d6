// Laws of globs: what is spelled is closed, and the hook closes what the client's rules close.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ignorePatterns } from "../../../src/input/template/ignore-patterns.ts";
import { compileGlob } from "../../../src/kinds/hook/glob-rule.ts";
import { tidyGlobs } from "../../../src/model/glob.ts";

/** The project lies below the root of a git repository that stands for the machine, in a folder with signs of globs in its name. */
const ROOT = "/srv/srv/srv/srv/srv/p [1]*";
let machine = "";
beforeAll(() => {
  machine = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-laws-")));
  execFileSync("git", ["init", "-q", machine]);
});
afterAll(() => rmSync(machine, { recursive: true, force: true }));

/** As the client puts a rule into its matcher: a last `/**` goes, so that the folder itself is matched too. */
function matched(pattern: string): string {
  const absolute = pattern.replace(/^\//, "");
  return absolute.replace(/\/\*\*$/, "") || "/**";
}

interface Question {
  /** As written in the registry. */
  readonly glob: string;
  readonly paths: readonly string[];
}

/** The paths of each question that the permission rules close, in git's reading of them: a folder for each, one git for all. */
function ruled(questions: readonly Question[]): Set<string>[] {
  const asked = questions.flatMap(({ glob, paths }, index) => {
    const rules = tidyGlobs(glob).flatMap((one) => ignorePatterns(one, ROOT) ?? []);
    mkdirSync(join(machine, `${index}`), { recursive: true });
    writeFileSync(join(machine, `${index}/.gitignore`), `${rules.map(matched).join("\n")}\n`);
    return paths.map((path) => ({ index, path, full: `${index}${posix.join(ROOT, path)}` }));
  });
  const words = ["-C", machine, "check-ignore", "--no-index", "-z", "--stdin"];
  const { stdout, stderr, status } = spawnSync("git", words, { input: asked.map(({ full }) => full).join("\0") });
  // 1: none of them.
  if (status !== 0 && status !== 1) throw new Error(stderr.toString());
  const found = new Set(stdout.toString().split("\0"));
  return questions.map(
    (_, index) => new Set(asked.filter((one) => one.index === index && found.has(one.full)).map(({ path }) => path)),
  );
}

function hooked({ glob, paths }: Question): string[] {
  const rules = tidyGlobs(glob).map((one) => new RegExp(compileGlob(one).re, "s"));
  return paths.filter((path) => rules.some((rule) => rule.test(path)));
}

const SIGNS = [..."abAB01.-_+@!()|~$^#,;:='&% éß日"];
const name = fc
  .array(fc.constantFrom(...SIGNS), { minLength: 1, maxLength: 6 })
  .map((signs) => signs.join("").trim())
  .filter((text) => text !== "" && !/^\.+$/.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

/** Asks for many globs at once whether hook and rules close all of their paths. */
function expectClosed(question: fc.Arbitrary<Question>): void {
  fc.assert(
    fc.property(fc.array(question, { minLength: 1, maxLength: 40 }), (questions) => {
      const all = questions.map(({ paths }) => [...new Set(paths)]);
      expect(questions.map(hooked)).toEqual(questions.map(({ paths }) => paths));
      expect(ruled(questions).map((closed) => [...closed])).toEqual(all);
    }),
    { numRuns: 30 },
  );
}

describe("a path spelled like a glob without wildcards", () => {
  it("is closed by the hook and by the rules", () => {
    expectClosed(path.map((one) => ({ glob: one, paths: [one] })));
  });

  it("is closed as a folder, with whatever is in it", () => {
    expectClosed(
      fc.tuple(path, name).map(([folder, file]) => ({ glob: `${folder}/**`, paths: [`${folder}/${file}`] })),
    );
  });

  it("is closed however untidy it is written", () => {
    const names = fc.array(name, { minLength: 2, maxLength: 4 });
    const slash = fc.constantFrom("/", "//", "/./", "/x/../");
    const before = fc.constantFrom("", " ", "./", "/", " ./");
    const after = fc.constantFrom("", " ", "/", "/.", "//");
    expectClosed(
      fc.tuple(names, slash, before, after).map(([list, between, front, end]) => ({
        glob: front + list.join(between) + end,
        paths: [`${list.join("/")}/f`],
      })),
    );
  });

  it("is closed where it is spelled with brackets, braces or backslashes", () => {
    const odd = fc.constantFrom(
      "[slug]",
      "[...all]",
      "[[...all]]",
      "{-$l}",
      "{a}",
      "[a-c]x",
      "\\(a\\)",
      "[!a]",
      "a[",
      "]b",
    );
    const names = fc.array(fc.oneof(odd, name), { minLength: 1, maxLength: 4 });
    expectClosed(names.map((list) => ({ glob: `${list.join("/")}/**`, paths: [`${list.join("/")}/f`] })));
  });
});

it("the hook and the rules close the same paths", () => {
  const wild = fc.constantFrom("*", "a*", "*.b", "?", "[ab]", "[a-c]b", "**", "{a,b}", "{(a),b*}", "[slug]", "\\*");
  const plain = fc.constantFrom("a", "b", "(a)", "..");
  const glob = fc
    .tuple(
      fc.constantFrom("", "/", "./", "../"),
      fc.array(fc.oneof(wild, plain), { minLength: 1, maxLength: 4 }),
      fc.constantFrom("", "/", "/**"),
    )
    .map(([before, pieces, after]) => before + pieces.join("/") + after);
  const part = fc.constantFrom("a", "b", "(a)", "c.b", "ab", "cb", "[slug]", "s", "[ab]", "*", "ba");
  const place = fc
    .tuple(fc.constantFrom("", "", "", "../"), fc.array(part, { minLength: 1, maxLength: 4 }))
    .map(([up, parts]) => up + parts.join("/"));
  const question = fc.record({ glob, paths: fc.uniqueArray(place, { minLength: 12, maxLength: 12 }) });
  fc.assert(
    fc.property(fc.array(question, { minLength: 1, maxLength: 40 }), (questions) => {
      const closed = ruled(questions);
      expect(questions.map(hooked)).toEqual(
        questions.map(({ paths }, at) => paths.filter((one) => closed[at]?.has(one))),
      );
    }),
    { numRuns: 40 },
  );
});
