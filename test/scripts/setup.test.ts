// What setup says of a machine that lacks something, and how tests are counted.
import { describe, expect, test } from "vitest";
import { nodeComplaint, packagesComplaint } from "../../scripts/setup.mjs";
import { closingLine, countTests } from "../../scripts/test.mjs";

describe("what is missing", () => {
  test("a Node that is too old is told with its version and the needed one", () => {
    expect(nodeComplaint("18.20.4")).toContain("needs Node 20.19 or newer; this is 18.20.4");
    expect(nodeComplaint("20.18.3")).toContain("20.18.3");
    expect(nodeComplaint("20.19.0")).toBeNull();
    expect(nodeComplaint("24.1.0")).toBeNull();
  });

  test("packages: absent, other than the lock file says, or just for another machine", () => {
    const wanted = {
      packages: {
        "": { version: "0.2.0" },
        "node_modules/yaml": { version: "2.9.1" },
        "node_modules/@esbuild/aix-ppc64": { version: "0.28.2", optional: true },
      },
    };
    const installed = (version: string): object => ({ packages: { "node_modules/yaml": { version } } });
    expect(packagesComplaint(wanted, null)).toBe("not installed");
    expect(packagesComplaint(wanted, { packages: {} })).toBe("node_modules/yaml is missing");
    expect(packagesComplaint(wanted, installed("2.9.0"))).toBe("node_modules/yaml is 2.9.0, wanted 2.9.1");
    expect(packagesComplaint(wanted, installed("2.9.1"))).toBeNull();
  });
});

describe("the closing line", () => {
  const file = (status: string, ...results: string[]): object => ({
    status,
    assertionResults: results.map((one) => ({ status: one })),
  });
  const lineOf = (files: readonly object[] | null, code: number): string =>
    closingLine(countTests(files === null ? null : { testResults: files }, code));

  test("passed, failed, and skipped only when there are any", () => {
    expect(lineOf([file("passed", "passed", "passed")], 0)).toBe("2 passed, 0 failed");
    expect(lineOf([file("failed", "passed", "failed", "skipped", "todo")], 1)).toBe("1 passed, 1 failed, 2 skipped");
  });

  test("a file that fails to load is one failure", () => {
    expect(lineOf([file("passed", "passed"), file("failed")], 1)).toBe("1 passed, 1 failed");
  });

  test("an unhandled error beside passing tests is a failure", () => {
    expect(lineOf([file("passed", "passed")], 1)).toBe("1 passed, 1 failed");
  });

  test("no test, or no report at all, is a failure", () => {
    expect(lineOf([], 0)).toBe("0 passed, 1 failed");
    expect(lineOf([file("passed", "skipped")], 0)).toBe("0 passed, 1 failed, 1 skipped");
    expect(lineOf(null, 1)).toBe("0 passed, 1 failed");
  });
});
