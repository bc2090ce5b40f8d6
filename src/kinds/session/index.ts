// The kind `session`: one tmux session per agent, known by its mark, replaced only when that costs nobody anything.
import { defineKind, type Kind } from "../../model/kind.ts";
import { mark } from "./apply/adopt.ts";
import { inspect } from "./client/activity.ts";
import { check, desire } from "./desire.ts";
import { diff } from "./diff.ts";
import { KIND } from "./names.ts";
import { pause, resetBackoff } from "./observe/crash-loop.ts";
import { health } from "./observe/health.ts";
import { observe } from "./observe.ts";
import { put } from "./put.ts";
import { remove } from "./remove.ts";
import { attachCommand } from "./tmux/attach.ts";
import { reconnect } from "./tmux/reconnect.ts";
import { screen, send } from "./tmux/terminal.ts";
import type { SessionProps, SessionSeen } from "./types.ts";

const kind: Kind<SessionProps, SessionSeen> = {
  name: KIND,
  describe: {
    owns: "One tmux session per agent on the fleet's own socket, its name being the prefix and the agent's name.",
    inSync:
      "The session exists and bears our mark, its process runs in the agent's folder, and it was started from what is " +
      "desired now. An end that `restart` does not cover is in sync as well.",
    addresses: "`session/<agent>/main`",
  },
  live: true,
  removalRank: () => 0,
  desire,
  check,
  observe,
  inspect,
  diff: (want, have, { paths }) => diff(want, have, paths),
  put,
  remove,
  capabilities: {
    attachable: { attach: attachCommand, send, screen },
    reconnectable: { reconnect },
    markable: { mark },
    restartable: { backoff: (have, record, now) => pause(record, have?.seen, now), resetBackoff },
    monitored: { health },
  },
};

export const session: Kind = defineKind(kind);
