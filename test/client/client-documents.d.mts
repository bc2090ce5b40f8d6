// Types of client-documents.mjs, which also runs without a compiler.
import type { JsonObject } from "../../src/model/json.ts";

export declare const MEMBERS: readonly string[];
export declare const DOCUMENTS: Readonly<Record<string, JsonObject>>;
