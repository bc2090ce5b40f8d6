// Codes E60x–E64x: hooks and their proof.
import type { CodeTable } from "./code.ts";

export const enforcementCodes: CodeTable = {
  E601: {
    title: "the hook's interpreter is missing",
    meaning:
      "Hooks run under Node, started by /bin/sh. One of the two is not on the PATH of the sessions, so Rollcall cannot say which Node that is. Nothing is written.",
    remedy:
      "Run `rollcall apply` in a terminal whose PATH has Node 20 or later: it records that PATH in place of the old one. Or set `session.path` in rollcall.config.yaml to a PATH that has it.",
  },
  E602: {
    title: "a hook does not bite",
    meaning:
      "After it was written, the hook was given a call that it has to refuse, and it let it through. The agent would work without its borders.",
    remedy:
      "Look which Node `.rollcall/node.local.path` in the agents folder names, and what /bin/sh is (`rollcall doctor`): something answers in their place.",
  },
  E603: {
    title: "a hook refuses what it has to allow",
    meaning:
      "After it was written, the hook was given a call that it has to allow, and it refused it. The agent could do nothing at all.",
    remedy:
      "Read the reason in the message. A Node older than 20 cannot read the program: put a newer one on the session's PATH, remove the older one, and run `rollcall apply`.",
  },
  E604: {
    title: "a hook cannot be run",
    meaning:
      "It ended otherwise than by allowing or refusing: it was killed, took longer than 10 s, or could not be started (a mount with noexec, for one).",
    remedy: "Run the file by hand with a call on its stdin and read what it says.",
  },
  E605: {
    title: "the hook that should be proven is not the rendered one",
    meaning:
      "Only bytes equal to the rendered ones are ever run. What lies there now differs, or may not be executed, so it was not run.",
    remedy: "Run `rollcall apply`: it puts the rendered hook back.",
  },
  E606: {
    title: "a hook cannot be written",
    meaning:
      "Something in its place, or in the path to it, may not be touched: a link, another user's file, a second name, a folder that everybody may write to.",
    remedy: "The message names it and what to do about it.",
  },
  E608: {
    title: "the node on the sessions' PATH is not a Node that hooks can run under",
    meaning:
      "The hooks of this machine run under one program, whose path `rollcall apply` writes to `.rollcall/node.local.path` in the agents folder. The program that the PATH leads to did not answer as Node 20 or later does, so it was not named there, and no hook was written.",
    remedy:
      "Look at the program the message names. Install Node 20 or later in a folder before it, or set `session.path` in rollcall.config.yaml to a PATH that leads to it.",
  },
  W653: {
    title: "the recorded PATH has no Node any more",
    meaning:
      "Sessions get the PATH that an apply recorded. Node has gone from it, most likely by an upgrade, and the PATH of this terminal has one: it takes the place of the recorded one.",
    remedy:
      "Run `rollcall apply` in this terminal: it records the new PATH. Sessions that run keep the old one until they are started again.",
  },
  W654: {
    title: "a variable of a session is set by Rollcall",
    meaning:
      "SHELL and ROLLCALL_AGENT are the same in every session of an agent: the hook reads commands as bash does, and processes of a session are known by the agent's name. A value that the spec declares for one of them is not used.",
    remedy: "Take it out of `env` or `session.env`.",
  },
};
