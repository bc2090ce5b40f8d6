// The published JSON Schemas (draft 7, of what a person writes), made from the same shapes that check.
import * as z from "zod";
import { configSchema } from "./config-schema.ts";
import { fleetSchema, registrySchema } from "./schema.ts";

export const SCHEMA_NAMES = ["registry", "fleet", "config"] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

const SCHEMAS: Readonly<Record<SchemaName, z.core.$ZodType>> = {
  registry: registrySchema,
  fleet: fleetSchema,
  config: configSchema,
};

const TITLES: Readonly<Record<SchemaName, string>> = {
  registry: "Rollcall registry: the agents",
  fleet: "Rollcall fleet.yaml: what every agent gets",
  config: "rollcall.config.yaml: this machine",
};

/** The JSON Schema of one of the files a person writes. */
export function jsonSchema(which: SchemaName): Record<string, unknown> {
  return { title: TITLES[which], ...z.toJSONSchema(SCHEMAS[which], { io: "input", target: "draft-7" }) };
}

/** All of them by name. */
export function jsonSchemas(): Record<SchemaName, Record<string, unknown>> {
  return { registry: jsonSchema("registry"), fleet: jsonSchema("fleet"), config: jsonSchema("config") };
}
