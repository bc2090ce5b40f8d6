// Codes E60x–E64x: hooks and their proof.
import type { CodeTable } from "./code.ts";

export const enforcementCodes: CodeTable = {
  E601: {
    title: "the hook's interpreter is missing",
    meaning:
      "Hooks run under Node, started by /bin/sh, with the PATH of the sessions. One of the two is not to be found there, so every hook would refuse every call. Nothing is written.",
    remedy:
      "Install Node 20 or later where the sessions find it, or set `session.path` in rollcall.config.yaml to a PATH that has it.",
  },
  E602: {
    title: "a hook does not bite",
    meaning:
      "After it was written, the hook was given a call that it has to refuse, and it let it through. The agent would work without its borders.",
    remedy:
      "Look which `node` and `/bin/sh` the session's PATH leads to (`rollcall doctor`): something there answers in their place.",
  },
  E603: {
    title: "a hook refuses what it has to allow",
    meaning:
      "After it was written, the hook was given a call that it has to allow, and it refused it. The agent could do nothing at all.",
    remedy:
      "Read the reason in the message. A Node older than 20 cannot read the program: put a newer one on the session's PATH.",
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
};
