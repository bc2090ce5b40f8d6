// Codes E7xx and W7xx: session.
import type { CodeTable } from "./code.ts";

export const sessionCodes: CodeTable = {
  E701: {
    title: "the tmux socket cannot be used",
    meaning:
      "Its name is not a plain name, or its whole path is longer than the 107 bytes that a socket address holds. tmux would fail at the first session, so nothing is started at all.",
    remedy: "Give a shorter plain name: `socket` in rollcall.config.yaml, or TMUX_SOCKET_OVERRIDE.",
  },
  E702: {
    title: "a session name is not safe in tmux",
    meaning:
      "tmux expands formats in names, runs `#(…)` in them, and turns `.` and `:` into `_` without a word. So only letters, digits, `_` and `-` are taken.",
    remedy: "Mend `session.prefix`; the rest of the name is the agent's.",
  },
  E703: {
    title: "a session cannot be started as declared",
    meaning: "The command is empty or holds a NUL character, or the size is out of range.",
    remedy: "Give `session.command` as a list with the program first, and `session.size` as columns and lines.",
  },
  E704: {
    title: "a variable of a session has no valid name",
    meaning: "Names of variables are letters, digits and `_`, and do not begin with a digit.",
    remedy: "Rename it in `env` or `session.env`.",
  },
  E705: {
    title: "the agent's folder cannot be used",
    meaning:
      "A session runs in its agent's folder. tmux starts elsewhere, silently, when that is missing, so it is looked at first.",
    remedy: "Run `rollcall apply` without `--only session`: it writes the agent's files first.",
  },
  E707: {
    title: "the process ended right after its start",
    meaning:
      "Its process ended before it had lived for `session.ready.after` (1 s). The message has the exit code or the signal, and the last lines of the pane follow.",
    remedy:
      "Read all it said with `rollcall logs AGENT`, fix the cause, and run `rollcall apply` or `rollcall start AGENT`.",
  },
  E708: {
    title: "a variable's reference leads nowhere",
    meaning: "`env:NAME` names a variable that is not set here, or `file:PATH` a file that cannot be read.",
    remedy: "Set the variable where Rollcall runs (cron and systemd have their own environment), or mend the path.",
  },
  E709: {
    title: "tmux did not start a session",
    meaning: "The script was run, and no session of that name with our mark came into being.",
    remedy: "See tmux's words in the message; `rollcall doctor` looks at version and socket.",
  },
  E710: {
    title: "a process or session does not end",
    meaning: "It was asked by SIGTERM, told by SIGHUP, killed by SIGKILL, and is still there.",
    remedy: "A process in uninterruptible sleep waits for a device or a file server: see `ps -o pid,stat,wchan`.",
  },
  E711: {
    title: "tmux does not answer",
    meaning: "It is not installed, or its server did not answer in time. Nothing was ended or started.",
    remedy: "Install tmux 3.2 or later; a hung server can be seen by `tmux -L SOCKET list-sessions`.",
  },
  E712: {
    title: "a session is not as it was asked for",
    meaning: "It was started or renamed, and looking at it afterwards shows something else.",
    remedy: "Apply again; when it stays so, look at the session by hand and report what you see.",
  },
  E713: {
    title: "a session could not be adopted",
    meaning: "There is no session of that name, or the mark could not be put on it.",
    remedy: "See `rollcall list` and adopt by the address that `plan` shows.",
  },
  E714: {
    title: "a text did not reach the session",
    meaning: "tmux refused to type into the agent's pane; most often it has just gone.",
    remedy: "See `rollcall status AGENT`.",
  },
  E720: {
    title: "the tmux server runs, but its socket is gone",
    meaning:
      "Something removed the socket (a cleaner of temporary files), or another server took its place. The agents live on below the old server, where nobody can ask for them, so nothing is said of them, started or ended.",
    remedy:
      "Run `rollcall apply`: it sends the server SIGUSR1, and it makes its socket again. By hand: `kill -USR1 PID`, with the pid in the message.",
  },
  W701: {
    title: "tmux is not installed",
    meaning:
      "Nothing is known of the sessions: they count neither as present nor as absent. Files are done all the same.",
    remedy: "Install tmux 3.2 or later, or give `--files-only`.",
  },
  W702: {
    title: "the tmux server does not answer",
    meaning: "It was asked twice. A server that is not heard is not taken for an empty one.",
    remedy: "See whether it is stopped or overloaded: `tmux -L SOCKET list-sessions`.",
  },
  W703: {
    title: "an agent has two marked sessions",
    meaning: "Both bear this fleet's mark and the same agent, so two processes may write to one conversation.",
    remedy: "Look at both, and end the one that is too many by its id.",
  },
  W704: {
    title: "sessions will run their fallback",
    meaning: "Their command is not found on the sessions' PATH. They are replaced, when idle, once it is there.",
    remedy: "Install the command, or set `session.path` or `session.command` in rollcall.config.yaml.",
  },
  W705: {
    title: "the tmux server may end with the unit that starts it",
    meaning:
      "systemd ends all processes of a service's control group with it. With systemd-run the server is started in a scope of its own; here that is not installed.",
    remedy: "Put `KillMode=process` into the unit, or install systemd-run.",
  },
  W706: {
    title: "an agent runs on two sockets",
    meaning: "Its session here is as desired, and another one with this fleet's mark lives on another tmux socket.",
    remedy: "End one of the two; the message names the socket.",
  },
  W720: {
    title: "the tmux server runs, but its socket is gone",
    meaning:
      "A process that Rollcall started, or one that carries the socket's path, is alive below a tmux server of yours, and nobody answers on that socket. The sessions are unknown: nothing is started beside them and nothing is ended.",
    remedy:
      "`rollcall apply`, `reconcile` and `start` send the server SIGUSR1, and it makes its socket again. If that does not help, see whether the server is stopped (`ps -o pid,stat,wchan PID`) and what is in the socket's place (`ls -la`).",
  },
  W721: {
    title: "another tmux server took the socket of the one the agents live in",
    meaning:
      "The socket was lost, and somebody started a new server on it. The agents run on below the old server. Its signal would take the socket from the new one, so it is not sent.",
    remedy:
      "If nothing in the new server is needed, end it (`tmux -L SOCKET kill-server`) and run `rollcall apply`, which reaches the old one again.",
  },
};
