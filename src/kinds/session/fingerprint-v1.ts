// The fingerprint as 0.1 made it: whole rendered files, whatever their merge rule. Only to compare with marks of 0.1.
import { digestBytes } from "../../delta/digest.ts";
import { documentOf } from "../../delta/projection.ts";
import type { Agent, Fleet, RenderedFile } from "../../model/fleet.ts";
import type { Json } from "../../model/json.ts";
import { declaredEnvironment, LIVE_KEYS, MEMORY, SETTINGS, sessionCommand, short } from "./fingerprint.ts";
import type { Components } from "./types.ts";

/** What 0.1 would put into the mark of a session that it starts now. Never changed: marks of 0.1 outlive 0.1. */
export function componentsOf01(agent: Agent, fleet: Pick<Fleet, "machine">): Components {
  const files = [...agent.files].sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  const env = Object.fromEntries(
    Object.entries(declaredEnvironment(agent)).map(([name, value]) => [name, digestBytes(value)]),
  );
  return {
    command: short([...sessionCommand(agent, fleet)]),
    env: short(env),
    size: short([...agent.session.size]),
    memory: short(files.filter(({ target }) => MEMORY.test(target)).map(({ target, text }) => [target, text])),
    settings: short(files.filter(({ target }) => SETTINGS.test(target)).map((file) => [file.target, settings(file)])),
  };
}

function settings(file: RenderedFile): Json {
  const document = documentOf(file);
  if (document === null) return file.json ?? file.text;
  return Object.fromEntries(Object.entries(document).filter(([key]) => !LIVE_KEYS.has(key)));
}
