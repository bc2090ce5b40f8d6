// Codes E4xx and W4xx: record.
import type { CodeTable } from "./code.ts";

export const recordCodes: CodeTable = {};
