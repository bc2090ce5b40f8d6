// Codes E3xx and W3xx: what stands in the way of a plan or of an action.
import type { CodeTable } from "./code.ts";

export const planCodes: CodeTable = {
  E301: {
    title: "two resources in one place",
    meaning:
      "Two addresses would be the same file or the same session. Whichever is written last would win, and the other would drift for ever.",
    remedy: "Give one of the agents another `dir` or name, or one of the files another `target`.",
  },
  E302: {
    title: "resources that need each other",
    meaning: "The needs of the planned actions form a circle, so that none of them can be first.",
    remedy: "This is a mistake in a kind. Report it with the addresses that the message names.",
  },
  E303: {
    title: "an action without an outcome",
    meaning:
      "A kind finished its work without saying what became of one of its resources. Nothing was recorded for it.",
    remedy: "Run `rollcall plan` to see how it is. Report the message: this is a mistake in a kind.",
  },
  E310: {
    title: "a saved plan that cannot be read",
    meaning:
      "The file is not a plan, was changed after it was saved, or comes from another version or another fleet. A plan is applied as it was reviewed or not at all.",
    remedy: "Make a new one with `rollcall plan --out FILE`.",
  },
  E320: {
    title: "a stale plan",
    meaning:
      "Something the saved plan was made from has moved since: a file, a session, the record or the spec. The message names it.",
    remedy: "Make a new plan, review it, apply that.",
  },
  E321: {
    title: "something moved during the run",
    meaning: "Between the plan and the write somebody changed what was about to be written. It was left as it is.",
    remedy: "Look at it, then plan and apply again.",
  },
  E322: {
    title: "interrupted",
    meaning: "The run was told to stop before this action. What was done before is recorded.",
    remedy: "Run apply again; it goes on from there.",
  },
  E323: {
    title: "something it needs was not done",
    meaning:
      "Settings never stand without the hook they name, and a session never starts on files that are not there: when the one fails, the other is not tried. A session is deferred: it waits until the file it would start from is as the registry says.",
    remedy: "Mend the failure that the message names and apply again.",
  },
  E324: {
    title: "too many failures in one run",
    meaning:
      "After five failures the rest is not tried: a full disk or a lost permission need not be met once per agent.",
    remedy: "Mend the cause and apply again, or go on in spite of failures with --keep-going.",
  },
  E330: {
    title: "work to do, and nobody to ask",
    meaning:
      "There are changes, `-y` was not given, and there is no terminal to ask on. The plan was printed and nothing was written.",
    remedy: "Review the plan and run `rollcall apply -y`, or use `rollcall reconcile` in cron and CI.",
  },
  E350: {
    title: "drift before a start",
    meaning:
      "The agent's files are not what the registry says. Started now, it would run with rules that are not its own.",
    remedy: "Run `rollcall apply AGENT` (or `claude-agent generate AGENT`), then start it.",
  },
  E351: {
    title: "no session to attach to",
    meaning: "The agent has no live session that bears our mark.",
    remedy: "Start it with `rollcall start AGENT`.",
  },
  E353: {
    title: "a session that cannot be read",
    meaning: "tmux did not tell what the agent's pane shows; most often it has just gone.",
    remedy: "See `rollcall status AGENT`.",
  },
  E354: {
    title: "not the place for a prompt",
    meaning:
      "The session waits in a dialog, where the text would be taken for the answer, or it runs the fallback, a shell that would run the text as a command. Nothing was sent.",
    remedy: "Answer the dialog with `rollcall attach AGENT`. If the text is meant for what is there, give --force.",
  },
};
