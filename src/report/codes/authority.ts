// Codes W66x, E36x and E91x: who may change what agents may do, and what is refused inside an agent's own session.
import type { CodeTable } from "./code.ts";

export const authorityCodes: CodeTable = {
  W663: {
    title: "an agent may edit the spec",
    meaning:
      "The registry gives the agent `edits_spec: true`, so its hook lets it write the registry, fleet.yaml and the templates. Whoever writes these can give itself and every other agent any right: the agent is an administrator.",
    remedy:
      "Remove `edits_spec` unless that is meant. While an agent has it, `rollcall reconcile` applies no change that gives an agent more rights: a person applies those with `rollcall apply`.",
  },
  W664: {
    title: "agents outside of the project",
    meaning:
      "`agents:` in rollcall.config.yaml leads out of the project's folder. Whoever can change that file decides where Rollcall writes, so `apply` and `reconcile` write there only with `--allow-outside`.",
    remedy: "Move the agents folder into the project, or give `--allow-outside` if that is meant.",
  },
  E360: {
    title: "agents outside of the project, and no --allow-outside",
    meaning: "The agents folder lies outside of the project's folder. Nothing was written.",
    remedy: "Give `--allow-outside` if that is meant, or change `agents:` in rollcall.config.yaml.",
  },
  E910: {
    title: "more rights, from inside an agent's session",
    meaning:
      "The command runs in the session of an agent (a process above it is the agent's, or ROLLCALL_AGENT is set), and what it would do gives agents more rights. An agent does not widen what agents may do. Nothing was written.",
    remedy: "Run the command in a terminal of your own.",
  },
  E911: {
    title: "the end of the session that the command runs in",
    meaning: "The command runs in the session of an agent and would end it, and itself half-way. Nothing was done.",
    remedy: "Run the command in a terminal of your own.",
  },
};
