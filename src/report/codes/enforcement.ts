// Codes E6xx and W6xx: enforcement.
import type { CodeTable } from "./code.ts";

export const enforcementCodes: CodeTable = {};
