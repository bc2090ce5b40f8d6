// Codes E0xx and W0xx: usage.
import type { CodeTable } from "./code.ts";

export const usageCodes: CodeTable = {};
