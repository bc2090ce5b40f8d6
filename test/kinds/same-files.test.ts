// Who knows one kind finds every other: the same files, and in each the verb it is named after.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../src/kinds");
const kinds = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(kinds.map(({ name }) => name))("the kind %s", (name) => {
  test("has its index and its types where every kind has them", () => {
    for (const file of ["index.ts", "types.ts"]) expect(existsSync(join(folder, name, file)), file).toBe(true);
  });

  test.each(["desire", "observe", "diff", "put", "remove"])(
    "exports the verb %s from the file of that name",
    async (verb) => {
      const file = (await import(join(folder, name, `${verb}.ts`))) as Record<string, unknown>;
      expect(file[verb]).toBeTypeOf("function");
    },
  );
});
