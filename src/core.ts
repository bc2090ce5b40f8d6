// Both commands as one program; which of them runs is said by the file that loads it.

/** Runs `rollcall` with the arguments of this process. */
export const rollcall = () => import("./cli.ts");

/** Runs `claude-agent` with the arguments of this process. */
export const claudeAgent = () => import("./claude-agent.ts");
