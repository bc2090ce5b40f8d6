// Codes E0xx and W0xx: the command line and this machine's configuration.
import type { CodeTable } from "./code.ts";

export const usageCodes: CodeTable = {
  E001: {
    title: "a mistake in Rollcall",
    meaning: "Something happened that the program did not expect. It is not your doing.",
    remedy:
      "Run the command again with `-v` and report what it prints. `rollcall doctor` shows whether anything is left undone.",
  },
  E010: {
    title: "a command line that is not understood",
    meaning: "A command, an option, an agent or a kind of that name is not known, or a value has the wrong form.",
    remedy: "`rollcall COMMAND --help` shows what a command takes. The hint names the nearest known word.",
  },
  E020: {
    title: "configuration not found",
    meaning: "The file given by `--config` is not there.",
    remedy: "Check the path. It is relative to the current folder, or to the one given by `--chdir`.",
  },
  E021: {
    title: "a configuration that is code",
    meaning:
      "A configuration is read, never run: what lies in a folder you happen to be in must not be executed. So scripts and JSON are refused as configurations.",
    remedy: "Write the settings as YAML into rollcall.config.yaml.",
  },
  E022: {
    title: "a project root that is no folder",
    meaning: "PROJECT_ROOT, or `root:` of the configuration, names something that is not there or is not a folder.",
    remedy: "Correct it, or unset PROJECT_ROOT: the root is then found from the current folder upwards.",
  },
  E023: {
    title: "folders that overlap",
    meaning:
      "The agents folder and the state folder are written to and cleaned up. Neither may hold the project, the templates, the spec or the other one.",
    remedy: "Give `agents:` and `state:` folders of their own in rollcall.config.yaml.",
  },
  E024: {
    title: "a socket that is no name",
    meaning: "TMUX_SOCKET_OVERRIDE is the name of a tmux socket, as `tmux -L` takes it, not a path.",
    remedy: "Set it to a name of letters, digits, dot, hyphen and underscore, or unset it.",
  },
  E025: {
    title: "two registries",
    meaning:
      "Both desired/registry.yaml and the folder desired/registry/ are there. Reading one of them would silently drop the agents of the other.",
    remedy: "Move the file into the folder, or name the one that counts as `registry:` in rollcall.config.yaml.",
  },
  E026: {
    title: "a configuration that cannot be found again",
    meaning:
      "The configuration file lies there, but the search for it gave another file or none. It may have been moved this moment.",
    remedy: "Run the command again, or name the file by `--config`.",
  },
  E027: {
    title: "no fleet project",
    meaning:
      "The current folder belongs to no fleet project: neither it nor a folder above it has desired/registry.yaml, desired/fleet.yaml, desired/registry/, rollcall.config.yaml, agents/registry.yaml or scripts/native-orchestrator/.",
    remedy: "Change to the project, name it with `--chdir DIR`, or make one: `rollcall init`.",
  },
  W020: {
    title: "a configuration that is not read",
    meaning: "A file is named like a configuration but is a script or JSON. It was neither run nor read.",
    remedy: "Write its settings into rollcall.config.yaml and remove it.",
  },
  W021: {
    title: "a stranger's project",
    meaning:
      "A folder above this one is marked as a fleet project, but by another user. It was passed by, because a configuration says what our sessions run.",
    remedy: "Set PROJECT_ROOT to the folder if you trust it.",
  },
};
