// docs/enforcement.md as text, from what was seen in the real client.
import type { Case } from "./client-cases.ts";
import type { Judged } from "./client-fixture.ts";

const INTRO = `<!-- Made by npm run client-table from what the real client did. Do not edit. -->
# What holds in the real client

Every row is a tool call that was made in the real Claude Code client, started in an agent's folder of this repository's
own fleet after \`rollcall apply\`. A stand-in for the model asked for exactly that call. Whether it ran was read from the
client's answer and from the disk: a call that was denied left no trace, one that ran did. **By** is who said no: the
agent's hook, or a permission rule of its settings, which the client asks first. Every denied call was also made with the
agent's \`.claude/\` taken away, and ran there: so each denial comes from what Rollcall renders.

The links are symbolic links from elsewhere in the project into the folder. The \`cd\` of "after \`cd\`" is a call of its
own, made before. An agent whose hook is gone or cannot be started is denied everything, what it may do included: no
border, no work, until the next apply. Hooks that are switched off in \`settings.local.json\` are off until then.

The client is 2.1.330, the pinned one. On 2.1.197 the same calls were made once by hand, with the same outcome but for 40
of the 50 in which the hook is gone or not executable: those ran, the other ten were denied by a rule. That client does
not know \`onFailure\`; \`rollcall doctor\` says so of every client before 2.1.330.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

/**
 * The first columns of a case's row: what of the table does not depend on the client.
 * @public scripts/client-table.mjs compares them
 */
export function rowHead({ arrangement, what, expect }: Case): string {
  return `| ${[arrangement, what, expect].map(cell).join(" | ")} |`;
}

function outcomeCells({ verdict, by }: Judged): string {
  return ` ${verdict === "ran" ? "ran" : verdict} | ${by ?? ""} |`;
}

/** The whole page: a section per agent. */
export function tablePage(judged: readonly Judged[]): string {
  const agents = [...new Set(judged.map((one) => one.case.agent))];
  const denied = judged.filter((one) => one.verdict === "denied").length;
  const count = `${judged.length} calls by ${agents.length} agents: ${denied} denied, ${judged.length - denied} ran.`;
  const sections = agents.flatMap((agent) => [
    `## ${agent}`,
    "",
    row("the agent's folder", "call", "expected", "seen", "by"),
    "|---|---|---|---|---|",
    ...judged.filter((one) => one.case.agent === agent).map((one) => rowHead(one.case) + outcomeCells(one)),
    "",
  ]);
  return [INTRO, count, "", ...sections].join("\n");
}
