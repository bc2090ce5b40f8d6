// Codes E331–E349 and W331–W349: retired folders, and the making of a project.
import type { CodeTable } from "./code.ts";

export const retiredCodes: CodeTable = {
  E331: {
    title: "a registered agent's folder never retires",
    meaning:
      "The folder that was to be archived or deleted belongs to an agent of the registry. It was left as it is: moving it would take the agent away with it.",
    remedy: "Take the folder out of `retire` in fleet.yaml, or give the agent another `dir`.",
  },
  E332: {
    title: "no rollback point",
    meaning:
      "fleet.yaml wants a git tag on the commit before folders are moved or deleted (`retire.tag`), and git refused to make it. No folder was moved.",
    remedy:
      "The message has git's own words. Mend that, or take `tag` out of `retire`: `rollcall undo` brings the folders back without it.",
  },
  E340: {
    title: "a project is there already",
    meaning: "`rollcall init` makes a new project and found a registry where it was to put one. Nothing was written.",
    remedy: "Work with the project that is there, or name another folder: `rollcall init DIR`.",
  },
  E341: {
    title: "something is in the way of a new project",
    meaning:
      "The folder, or a place in it, is a link, a file, or belongs to somebody else, so that a file of the project could not be made there.",
    remedy: "Look at what the message names, move it away, and run `rollcall init` again: it goes on where it stopped.",
  },
  E342: {
    title: "an incomplete installation",
    meaning: "A new project begins with the templates that Rollcall comes with, and they are not in its folder.",
    remedy: "Install Rollcall again.",
  },
  E343: {
    title: "a file that is there already",
    meaning: "A registry was to be written where a file lies. A registry is people's work and is never written over.",
    remedy: "Give `--out` the name of a file that is yet to be made, and compare the two.",
  },
  E344: {
    title: "no agents to read a registry from",
    meaning:
      "`adopt --registry` takes every folder of the agents folder that has a `.claude` folder for an agent's. There is none.",
    remedy: "Go to the project, or name it by `--chdir`. A registry from nothing is what `rollcall init` makes.",
  },
};
