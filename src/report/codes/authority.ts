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
};
