// Codes E331–E349 and W331–W349: retired folders, and the making of a project.
import type { CodeTable } from "./code.ts";

export const retiredCodes: CodeTable = {
  E331: {
    title: "a registered agent's folder never retires",
    meaning:
      "The folder that was to be archived or deleted belongs to an agent of the registry. It was left as it is: moving it would take the agent away with it.",
    remedy: "Take the folder out of `retire` in fleet.yaml, or give the agent another `dir`.",
  },
};
