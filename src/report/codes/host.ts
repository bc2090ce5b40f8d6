// Codes E5xx and W5xx: host.
import type { CodeTable } from "./code.ts";

export const hostCodes: CodeTable = {};
