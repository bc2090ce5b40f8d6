// Codes E3xx and W3xx: plan.
import type { CodeTable } from "./code.ts";

export const planCodes: CodeTable = {};
