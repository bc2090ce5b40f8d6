// Codes E7xx and W7xx: session.
import type { CodeTable } from "./code.ts";

export const sessionCodes: CodeTable = {};
