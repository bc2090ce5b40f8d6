// `rollcall schema`: the JSON Schema (draft-07) of a spec file, for editors.
import { schemaOf } from "../../app/spec-schema.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

export function schemaCommand({
  io,
  options,
}: CommandContext<{ readonly of: "registry" | "fleet" | "config" }>): ExitCode {
  io.print(JSON.stringify(schemaOf(options.of), null, 2));
  return EXIT.done;
}
