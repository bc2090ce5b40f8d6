// What can be said of a file without its content: absent, too large, or not to be touched.
import { digestBytes } from "../../delta/digest.ts";
import type { Observed, Obstacle } from "../../model/resource.ts";
import type { FileRead, Refused } from "../../model/world.ts";
import type { ConfigSeen } from "./types.ts";

type Seen = Observed<ConfigSeen>;

/** The state of a file that was read; null when there is content to look at. */
export function unreadState(address: string, read: FileRead): Seen | null {
  switch (read.state) {
    case "absent":
      return absent(address);
    case "refused":
      return read.why === "too-large" ? tooLarge(address, read) : observedBlocked(address, read);
    case "file":
      return null;
  }
}

export function absent(address: string): Seen {
  return { address, seen: { mode: null }, exists: false, same: false, parts: {}, digest: "absent" };
}

/** Nothing of it can be told apart, but it may be replaced like any other broken file. */
export function tooLarge(address: string, refused: Refused): Seen {
  const seen: ConfigSeen = { mode: null, defect: refused.message, unreadable: true };
  return { address, seen, exists: true, same: false, parts: {}, digest: digestBytes(refused.message) };
}

export function observedBlocked(address: string, refused: Refused): Seen {
  const obstacle: Obstacle = { why: refused.why, message: refused.message, hint: wayOut(refused) };
  const seen: ConfigSeen = { mode: null };
  return {
    address,
    seen,
    exists: true,
    same: false,
    parts: {},
    digest: digestBytes(refused.message),
    obstacle,
  };
}

function wayOut({ why }: Refused): string {
  switch (why) {
    case "link":
      return "put a real file or folder in its place; nothing is written through a link";
    case "not-a-file":
    case "not-a-folder":
      return "move away what lies there";
    case "owner":
      return "give it to the user who runs Rollcall, or move it away";
    case "hard-link":
      return "copy it and put the copy in its place, so that it has one name only";
    case "world-writable":
      return "take the write permission from others: chmod o-w";
    case "too-large":
      return "move it away";
    case "outside":
      return "keep the agents folder inside the project";
    case "unreadable":
      return "give its owner the permission to read it: chmod u+rw";
  }
}
