// `rollcall schema`: the JSON Schema (draft-07) of a spec file, for editors.
import { jsonSchema } from "../../input/spec/schema/json-schema.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

export function schemaCommand({
  io,
  options,
}: CommandContext<{ readonly of: "registry" | "fleet" | "config" }>): ExitCode {
  io.print(JSON.stringify(jsonSchema(options.of), null, 2));
  return EXIT.done;
}
