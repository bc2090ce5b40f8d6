// The shape of rollcall.config.yaml: what one machine says beyond the spec. Here because all YAML is read in this room.
import * as z from "zod";
import type { ConfigFile } from "../../../model/config.ts";
import { RULES } from "./formats.ts";
import { shapeOf } from "./schema.ts";
import type { Shape } from "./schema-port.ts";

const path = (about: string) => z.string().regex(RULES.word.pattern).describe(about);

export const configSchema = z
  .strictObject({
    root: path("the project root, relative to this file"),
    registry: path("the registry, a file or a folder of files, relative to the root"),
    fleet: path("fleet.yaml"),
    templates: path("the folder of templates"),
    agents: path("the folder of targets"),
    state: path("the folder of machine-local state"),
    socket: z.string().regex(RULES.socket.pattern).describe("name of the tmux socket"),
    prefix: z.string().regex(RULES.prefix.pattern).describe("what session names begin with"),
    variables: z.record(z.string().regex(RULES.variable.pattern), z.string()).describe("for templates"),
    session: z
      .strictObject({
        command: z.array(z.string().regex(RULES.word.pattern)).min(1).describe("runs instead of fleet.yaml's command"),
        path: z.string().regex(RULES.searchPath.pattern).describe("PATH of the sessions and of the hook's interpreter"),
      })
      .partial(),
  })
  .partial();

export const configShape: Shape<ConfigFile> = shapeOf(configSchema);
