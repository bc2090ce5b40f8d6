// What the stories of `why` share: its document, asked for, and lines found by their words.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { z } from "zod";
import type { Project } from "./project-fixture.ts";

const line = z.strictObject({ file: z.string(), line: z.int(), col: z.int(), text: z.string().optional() });
const draw = z.strictObject({ field: z.string(), at: line.nullable(), note: z.string().optional() });
const whyShape = z.strictObject({
  kind: z.literal("why"),
  formatVersion: z.literal("1.0"),
  file: z.string(),
  line: z.int().optional(),
  col: z.int().optional(),
  pointer: z.string().optional(),
  origin: z.enum([
    "rendered",
    "mixed",
    "foreign",
    "orphan",
    "folder",
    "retired",
    "archived",
    "unmanaged",
    "spec",
    "record",
  ]),
  agent: z.string().nullable(),
  parts: z.array(
    z.strictObject({ address: z.string(), verdict: z.string(), template: line.nullable(), draws: z.array(draw) }),
  ),
  declared: draw.nullable(),
  run: z.strictObject({ id: z.string(), command: z.string(), started: z.string() }).nullable(),
  notes: z.array(z.string()),
});

/** Asks `why` and demands an answer. */
export async function why(project: Project, word: string, cwd?: string) {
  const ran = await project.run(["why", word, "-o", "json"], cwd === undefined ? {} : { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  return whyShape.parse(ran.json());
}

/** The number of the first line of a file that holds a text. */
export function lineWith(project: Project, path: string, text: string): number {
  const index = readFileSync(project.path(path), "utf8")
    .split("\n")
    .findIndex((one) => one.includes(text));
  expect(index, `${text} in ${path}`).toBeGreaterThanOrEqual(0);
  return index + 1;
}
