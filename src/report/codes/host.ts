// Codes E5xx and W5xx: host.
import type { CodeTable } from "./code.ts";

export const hostCodes: CodeTable = {
  E500: {
    title: "a file or folder could not be read",
    meaning:
      "The system refused a read, or the disk failed. The message names the path and the system's word for it (EACCES: no permission, EIO: the disk).",
    remedy: "See to the owner and the permissions of the path, or to the disk, then run the command again.",
  },
  E501: {
    title: "a file or folder could not be written",
    meaning:
      "The system refused a write: no permission, a read-only file system, a missing folder. The file is as it was before, and nothing half-written is left beside it.",
    remedy:
      "See to the owner and the permissions of the path, then run the command again: it goes on where it stopped.",
  },
  E502: {
    title: "the disk is full",
    meaning:
      "There is no space, the quota is used up, or the file would be larger than allowed. The file is as it was before; what was done until then is recorded.",
    remedy: "Make room, then run the command again.",
  },
  E503: {
    title: "not a plain file or folder of your own",
    meaning:
      "A record file, a folder or something to be moved is a link, belongs to another user, exists already, or lies outside the folders Rollcall may write in. Rollcall never writes through a link.",
    remedy: "Look at what lies there. Put a plain file or folder in its place, or remove it.",
  },
  E510: {
    title: "a command that may do more than look",
    meaning:
      "Planning may only run commands from a short list of forms that change nothing. This one is not on it, so it was not run.",
    remedy: "This is a fault of Rollcall, not of yours: please report it with the command line.",
  },
  E512: {
    title: "a process could not be signalled",
    meaning: "The system did not let Rollcall end a process: it belongs to another user.",
    remedy: "End it as its owner, then run the command again.",
  },
};
