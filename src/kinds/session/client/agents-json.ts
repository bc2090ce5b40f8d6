// The client's own list of its live sessions, `claude agents --json`: states without reading the screen.
import type { Agent, Fleet } from "../../../model/fleet.ts";
import { isJsonObject } from "../../../model/json.ts";
import type { Reader } from "../../../model/world.ts";
import { serverEnvironment } from "../apply/environment.ts";
import { agentFolder } from "../desire.ts";
import { sessionCommand } from "../fingerprint.ts";
import { launchPath, locate } from "../launch.ts";
import { isClient } from "../names.ts";
import { clientFolder } from "./conversation.ts";

/** The client answers in about 0.4 s (measured); a busy machine gets more. */
const CLIENT_MS = 10_000;

/** One entry of `agents --json`, the members we use. */
export interface ClientEntry {
  readonly pid: number;
  readonly sessionId: string;
  readonly status: "busy" | "idle" | "waiting" | "unknown";
  readonly waitingFor?: string;
}

/** The entries for an agent; null when the client could not be asked. */
export type ClientList = (agent: string) => readonly ClientEntry[] | null;

/** Asks the client once per folder of its own ($CLAUDE_CONFIG_DIR differs between agents that declare it). */
export async function listClients(
  sessions: readonly { readonly mark: { readonly agent: string } }[],
  fleet: Fleet,
  world: Reader,
): Promise<ClientList> {
  const agents = new Map(fleet.agents.map((agent) => [agent.name, agent]));
  const answers = new Map<string, Promise<readonly ClientEntry[] | null>>();
  const answerOf = new Map<string, Promise<readonly ClientEntry[] | null>>();
  for (const { mark } of sessions) {
    const agent = agents.get(mark.agent);
    const folder = clientFolder(agent, world);
    const program = clientProgram(agent, fleet, world);
    if (program === null) continue;
    const key = `${program}\0${folder}`;
    const answer = answers.get(key) ?? askClient({ program, folder }, fleet, world);
    answers.set(key, answer);
    answerOf.set(mark.agent, answer);
  }
  const settled = new Map<string, readonly ClientEntry[] | null>();
  for (const [agent, answer] of answerOf) settled.set(agent, await answer);
  return (agent) => settled.get(agent) ?? null;
}

/** The client an agent is run with; for agents that left the registry, the fleet's. */
function clientProgram(agent: Agent | undefined, fleet: Fleet, world: Reader): string | null {
  const command = agent ? sessionCommand(agent, fleet) : fleet.session.command;
  const program = isClient(command) ? (command[0] ?? "") : "claude";
  const folder = agent ? agentFolder(agent, fleet) : fleet.machine.folders.root;
  return locate(program, { folder, path: launchPath(agent, fleet), find: world.files.find });
}

async function askClient(
  { program, folder }: { readonly program: string; readonly folder: string | null },
  fleet: Fleet,
  world: Reader,
): Promise<readonly ClientEntry[] | null> {
  const env = serverEnvironment(world.env, fleet.machine.sessionPath);
  const configured = folder === null ? {} : { CLAUDE_CONFIG_DIR: folder };
  const declared = env["CLAUDE_CONFIG_DIR"] === undefined && folder === `${env["HOME"]}/.claude` ? {} : configured;
  const result = await world.exec.query([program, "agents", "--json"], {
    env: { ...env, ...declared },
    timeoutMs: CLIENT_MS,
  });
  return result.code === 0 ? parseClients(result.stdout) : null;
}

/** Reads the client's list; null when it is not one. Entries without a pid are left out. */
export function parseClients(text: string): readonly ClientEntry[] | null {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(list)) return null;
  return list.flatMap((one: unknown) => {
    if (!isJsonObject(one) || typeof one["pid"] !== "number") return [];
    const { pid, sessionId, status, waitingFor } = one;
    return [
      {
        pid,
        sessionId: typeof sessionId === "string" ? sessionId : "",
        status: status === "busy" || status === "idle" || status === "waiting" ? status : ("unknown" as const),
        ...(typeof waitingFor === "string" ? { waitingFor } : {}),
      },
    ];
  });
}
