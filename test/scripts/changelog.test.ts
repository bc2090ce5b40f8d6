// The changelog is collected from one file per change; what is no such file is refused, and a release leaves none behind.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { complaintAbout, sectionOf, withSection } from "../../scripts/changelog.mjs";
import { openClone } from "../support/clone-fixture.ts";

describe("a file in changes/", () => {
  test.each([
    ["undo-keeps-modes.fixed.md", "Undo keeps the mode of a directory.\n", null],
    ["undo.fixed.md", "Two lines\nof one paragraph.\n", null],
    ["undo.repaired.md", "Undo works.\n", /^the name should be/],
    ["Undo works.fixed.md", "Undo works.\n", /^the name should be/],
    ["undo.md", "Undo works.\n", /^the name should be/],
    ["undo.constructor.md", "Undo works.\n", /^the name should be/],
    ["undo.fixed.md", " \n", /^it is empty/],
    ["undo.fixed.md", "Undo works.\n\nReally.\n", /^it should be one paragraph/],
    ["undo.fixed.md", "- Undo works.\n", /^it should be one paragraph/],
  ])("%s with %j", (name, text, complaint) => {
    const said = complaintAbout(name, text);
    if (complaint === null) expect(said).toBeNull();
    else expect(said).toMatch(complaint);
  });
});

describe("the section", () => {
  const changes = [
    { name: "watch.added.md", text: "`rollcall watch` repairs at once.\n" },
    { name: "hook.security.md", text: "The hook refuses\n`hash -p`.\n" },
    { name: "attach.added.md", text: "`attach` takes a prefix.\n" },
  ];
  const lines = sectionOf(changes);

  test("security first, entries by name, a long one indented", () => {
    expect(lines.join("\n")).toBe(
      "### Security\n\n- The hook refuses\n  `hash -p`.\n\n### Added\n\n- `attach` takes a prefix.\n- `rollcall watch` repairs at once.\n",
    );
  });

  test("it becomes the first of the changelog, below the introduction", () => {
    const before = "# Changelog\n\nAn introduction.\n\n## 0.1.0 (2026-01-01)\n\nThe first.\n";
    const after = withSection(before, { version: "0.2.0", date: "2026-02-02", lines: ["- New."] });
    expect(after).toBe(
      "# Changelog\n\nAn introduction.\n\n## 0.2.0 (2026-02-02)\n\n- New.\n\n## 0.1.0 (2026-01-01)\n\nThe first.\n",
    );
  });

  test("a section that was begun by hand keeps its words and gets the date", () => {
    const before = "# Changelog\n\n## 0.2.0 (unreleased)\n\nBy hand.\n\n## 0.1.0 (2026-01-01)\n";
    const after = withSection(before, { version: "0.2.0", date: "2026-02-02", lines: ["- New."] });
    expect(after).toBe("# Changelog\n\n## 0.2.0 (2026-02-02)\n\nBy hand.\n\n- New.\n\n## 0.1.0 (2026-01-01)\n");
  });
});

describe("npm run changelog", () => {
  const files = {
    "CHANGELOG.md": "# Changelog\n\n## 0.1.0 (2026-01-01)\n\nThe first.\n",
    "changes/README.md": "What this folder is for.\n",
    "changes/undo.fixed.md": "Undo keeps modes.\n",
  };
  const script = [process.execPath, "scripts/changelog.mjs"];
  const read = (root: string, file: string): string => readFileSync(join(root, file), "utf8");

  test("a release writes the section and both versions, and removes what it collected", () => {
    const { root, run } = openClone(files, { packages: false });
    expect(run([...script, "--check"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(run(script).stdout).toBe("### Fixed\n\n- Undo keeps modes.\n");
    const done = run([...script, "--release", "7.1.0"]);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    expect(done.stdout).toContain("git tag v7.1.0");
    expect(read(root, "CHANGELOG.md")).toMatch(
      /^# Changelog\n\n## 7\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n### Fixed\n\n- Undo keeps modes\.\n\n## 0\.1\.0 /,
    );
    expect(JSON.parse(read(root, "package.json"))).toMatchObject({ version: "7.1.0" });
    expect(JSON.parse(read(root, "package-lock.json"))).toMatchObject({
      version: "7.1.0",
      packages: { "": { version: "7.1.0" } },
    });
    expect(readdirSync(join(root, "changes"))).toEqual(["README.md"]);
  });

  test("a file with a wrong name stops the check and the release, and nothing is written", () => {
    const { root, run } = openClone({ ...files, "changes/undo.repaired.md": "Undo works.\n" }, { packages: false });
    for (const flags of [["--check"], ["--release", "7.1.0"]]) {
      const { status, stderr } = run([...script, ...flags]);
      expect(status).toBe(1);
      expect(stderr).toContain("changes/undo.repaired.md: the name should be");
    }
    expect(read(root, "CHANGELOG.md")).toBe(files["CHANGELOG.md"]);
    expect(existsSync(join(root, "changes/undo.fixed.md"))).toBe(true);
  });

  test("a version that is none, one that is there already, and a release of nothing are refused", () => {
    const { root, run } = openClone(files, { packages: false });
    expect(run([...script, "--release", "next"]).stderr).toContain("give the version");
    expect(run([...script, "--release", "0.1.0"]).stderr).toContain("has a section 0.1.0 already");
    expect(read(root, "CHANGELOG.md")).toBe(files["CHANGELOG.md"]);
    const empty = openClone({ "CHANGELOG.md": files["CHANGELOG.md"] }, { packages: false });
    expect(empty.run([...script, "--check"])).toMatchObject({ status: 0 });
    expect(empty.run([...script, "--release", "0.2.0"]).stderr).toContain("nothing to release");
  });
});
