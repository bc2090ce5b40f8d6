// The environment of sessions: what is passed through to the tmux server, and what one session gets on top.
import type { Agent, Fleet } from "../../../model/fleet.ts";
import type { Failure } from "../../../model/outcome.ts";
import type { Reader } from "../../../model/world.ts";
import { declaredEnvironment } from "../fingerprint.ts";
import { launchPath } from "../launch.ts";

type Variables = Readonly<Record<string, string>>;

/**
 * The environment of a tmux server that is to be started, which all its sessions inherit: the caller's, without what
 * ties a process to a tmux, to a client or to an agent around it. PATH is the sessions' own.
 */
export function serverEnvironment(env: Variables, sessionPath: string): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !/^(TMUX|CLAUDE_CODE_)|^(CLAUDECODE|ROLLCALL_AGENT)$/.test(name));
  return { ...Object.fromEntries(kept), PATH: sessionPath };
}

export type Resolved =
  | { readonly state: "resolved"; readonly variables: Variables }
  | { readonly state: "failed"; readonly error: Failure };

const SECRET_LIMIT = 64 * 1024;

/**
 * The shell of every session. The client runs commands in the one that SHELL names, and in zsh where that is neither bash
 * nor zsh and zsh is there; the hook reads commands as bash does. Not in the fingerprint, nor is ROLLCALL_AGENT: a
 * session that was started without them goes on until it is started again.
 */
const SHELL = "SHELL=/bin/bash";

/**
 * The words that start a program with that shell. tmux overrides what it is told by `-e` with its default-shell, and
 * with the pane's former shell on respawn-pane (spawn.c), so env(1) sets it, and becomes the program.
 */
export function inBash(words: readonly string[]): readonly string[] {
  const [program = ""] = words;
  // To env(1) a word with `=` is a variable.
  const plain = program.includes("=") ? ["/bin/sh", "-c", 'exec "$0" "$@"', ...words] : words;
  return ["/usr/bin/env", SHELL, ...plain];
}

/** What every session of an agent has by `-e`, whatever is declared. */
const fixedVariables = (agent: Agent): Variables => ({ ROLLCALL_AGENT: agent.name });

/** The variables of one session, its references resolved now. Their values go into tmux's standard input only. */
export function sessionVariables(agent: Agent, fleet: Fleet, world: Reader): Resolved {
  const fixed = fixedVariables(agent);
  const variables: Record<string, string> = { PATH: launchPath(agent, fleet), ...fixed };
  for (const [name, declared] of Object.entries(declaredEnvironment(agent))) {
    if (name in fixed || name === "SHELL") continue;
    const value = resolveValue(declared, fleet, world);
    if (value.state === "failed") {
      const message = `the variable ${name} of ${agent.name}: ${value.message}`;
      return { state: "failed", error: { code: "E708", message, hint: "see env and session.env in the spec" } };
    }
    variables[name] = value.text;
  }
  return { state: "resolved", variables };
}

type Value = { readonly state: "text"; readonly text: string } | { readonly state: "failed"; readonly message: string };

function resolveValue(declared: string, fleet: Fleet, world: Reader): Value {
  const value = resolve(declared, fleet, world);
  if (value.state === "text" && value.text.includes("\0"))
    return { state: "failed", message: "it holds a NUL character" };
  return value;
}

function resolve(declared: string, { machine }: Fleet, world: Reader): Value {
  if (declared.startsWith("env:")) {
    const text = world.env[declared.slice(4)];
    return text === undefined ? { state: "failed", message: `${declared} is not set` } : { state: "text", text };
  }
  if (!declared.startsWith("file:")) return { state: "text", text: declared };
  const path = declared.slice(5);
  const read = world.files.read(path.startsWith("/") ? path : `${machine.folders.root}/${path}`, {
    limit: SECRET_LIMIT,
  });
  switch (read.state) {
    case "absent":
      return { state: "failed", message: `${declared} is not there` };
    case "refused":
      return { state: "failed", message: read.message };
    case "file":
      return { state: "text", text: read.bytes.toString("utf8").replace(/\r?\n$/, "") };
  }
}
