// What a schema offers to those who read documents, so that no reader needs to know the schema library.

/** Keys and indexes from the top of a document. */
export type Path = readonly PropertyKey[];

/** One issue of a schema, in the form zod gives it; what we do not read is left out. */
export interface Issue {
  readonly code: string;
  readonly path: Path;
  readonly message: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly origin?: string;
  readonly issues?: readonly Issue[];
  readonly errors?: readonly (readonly Issue[])[];
}

export type SchemaResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** What a schema offers to those who read documents. */
export interface Shape<T> {
  check(value: unknown): SchemaResult<T>;
  /** The fields that may stand in the map at a path, for "did you mean". */
  fields(path: Path): readonly string[];
}
