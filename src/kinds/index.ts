// THE LIST: every kind, one line each. A new kind is a folder here and a line below.
import type { Kind } from "../model/kind.ts";
import { config } from "./config/index.ts";
import { hook } from "./hook/index.ts";
import { retired } from "./retired/index.ts";
import { session } from "./session/index.ts";

export const KINDS: readonly Kind[] = [hook, config, session, retired];
