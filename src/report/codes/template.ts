// Codes E2xx and W2xx: template.
import type { CodeTable } from "./code.ts";

export const templateCodes: CodeTable = {};
