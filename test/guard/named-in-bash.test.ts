// What the named cases of the guard claim about bash, asked of bash itself.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { bashDeletes } from "../support/run-bash.ts";
import { HOSTILE_SYNTAX } from "./cases/hostile-syntax.ts";
import { HOSTILE_VALUES } from "./cases/hostile-values.ts";
import { ORDINARY_SYNTAX } from "./cases/ordinary-syntax.ts";

/** What the named cases claim was measured with this version. */
const isMeasured = spawnSync("bash", ["--version"], { encoding: "utf8" }).stdout.includes("version 5.2");

describe.runIf(isMeasured)("bash", () => {
  // `sh` is another shell on some machines.
  const hostile = [...HOSTILE_SYNTAX, ...HOSTILE_VALUES].filter((one) => !one.startsWith("sh "));

  it.each(hostile)("deletes the folder with %s", (script) => {
    expect(bashDeletes(script, { seconds: 15 })).toBe(true);
  });

  it.each(ORDINARY_SYNTAX)("can read %s", (script) => {
    const options = script.includes("extglob") ? ["-O", "extglob"] : [];
    expect(spawnSync("bash", [...options, "-nc", script], { encoding: "utf8" }).stderr).toBe("");
  });
});
