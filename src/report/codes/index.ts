// The catalogue of codes, all ranges in one table.
import { authorityCodes } from "./authority.ts";
import { clientSchemaCodes } from "./client-schema.ts";
import type { CodeTable } from "./code.ts";
import { enforcementCodes } from "./enforcement.ts";
import { globCodes } from "./glob.ts";
import { hostCodes } from "./host.ts";
import { planCodes } from "./plan.ts";
import { recordCodes } from "./record.ts";
import { retiredCodes } from "./retired.ts";
import { sessionCodes } from "./session.ts";
import { specCodes } from "./spec.ts";
import { templateCodes } from "./template.ts";
import { usageCodes } from "./usage.ts";
import { withoutSpecCodes } from "./without-spec.ts";

export const CODES: CodeTable = {
  ...usageCodes,
  ...specCodes,
  ...globCodes,
  ...templateCodes,
  ...planCodes,
  ...recordCodes,
  ...hostCodes,
  ...enforcementCodes,
  ...authorityCodes,
  ...clientSchemaCodes,
  ...retiredCodes,
  ...sessionCodes,
  ...withoutSpecCodes,
};
