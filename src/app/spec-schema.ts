// The JSON Schemas (draft-07) of the files of a spec, for editors.
import { jsonSchema, type SchemaName } from "../input/spec/schema/json-schema.ts";

/** The schema of one of the files a person writes. */
export const schemaOf = (file: SchemaName): object => jsonSchema(file);
