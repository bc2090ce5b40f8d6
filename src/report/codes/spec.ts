// Codes E1xx and W1xx: spec.
import type { CodeTable } from "./code.ts";

export const specCodes: CodeTable = {};
