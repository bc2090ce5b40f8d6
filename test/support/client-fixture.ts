// Plays all cases of one agent in the real client, arrangement by arrangement, and looks at the disk before and after.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Deed, type Outcome, play, type ScriptStep } from "./client.ts";
import { type Arrangement, type Case, FOLDERS, linkTo, SEED, type Step, SUBAGENTS } from "./client-cases.ts";
import { makeProject, type Project } from "./project-fixture.ts";

const server = fileURLToPath(new URL("./client-notes-server.mjs", import.meta.url));

/** What became of a case: the client's word and the disk's. */
interface Seen extends Outcome {
  /** Every call that has to go before it ran. */
  readonly ready: boolean;
}

export interface Judged extends Seen {
  readonly case: Case;
  /** Of a denied call: the same with the agent's .claude taken away. */
  readonly control?: Seen;
}

/** The arrangements in the order they are played, by client start: a hook can vanish while the client works. */
const STARTS: readonly (readonly Arrangement[])[] = [
  ["as rendered", "the hook gone", "the hook not executable"],
  ["the rules of settings.local.json gone"],
  ["hooks switched off, no apply yet"],
  ["hooks switched off, then an apply"],
  ["a program named node that ends with 42, first on the PATH"],
  ["the shell of a session"],
];

/** What is in the client's environment in an arrangement, on top of what every start has. */
function environment({ project }: Scene, arrangement: Arrangement | undefined): Record<string, string> {
  if (arrangement === "the shell of a session") return { SHELL: "/bin/bash" };
  if (arrangement !== "a program named node that ends with 42, first on the PATH") return {};
  project.write("../fake/node", "#!/bin/sh\nexit 42\n", 0o755);
  return { PATH: `${project.path("../fake")}:${process.env["PATH"]}` };
}

/** The folders, links and files every arrangement begins with. */
function seed(project: Project): void {
  for (const folder of FOLDERS) {
    rmSync(project.path(folder), { recursive: true, force: true });
    rmSync(project.path(linkTo(folder)), { force: true });
    mkdirSync(project.path(folder));
    symlinkSync(folder, project.path(linkTo(folder)));
    for (const name of SEED) writeFileSync(project.path(`${folder}/${name}`), "old\n");
  }
}

/** Takes the agent's whole .claude away; where its hook lay, a file lies that nobody calls. */
function strip(project: Project, agent: string): void {
  project.remove(`agents/${agent}/.claude`);
  project.write(`agents/${agent}/.claude/hooks/auto-deny`, "nothing\n", 0o755);
}

async function apply(project: Project): Promise<void> {
  const { code, stdout, stderr } = await project.run(["apply", "-y", "--files-only"]);
  if (code !== 0) throw new Error(`apply ended with ${code}: ${stdout}${stderr}`);
}

/** Brings the agent's folder into the state a start of the client finds. */
async function arrange({ project, agent }: Scene, arrangement: Arrangement | undefined): Promise<void> {
  const local = `agents/${agent}/.claude/settings.local.json`;
  const switchOff = (): void => {
    const settings: object = JSON.parse(project.read(local));
    project.write(local, JSON.stringify({ ...settings, disableAllHooks: true }, null, 2));
  };
  await apply(project);
  if (arrangement === "the rules of settings.local.json gone") project.remove(local);
  if (arrangement === "hooks switched off, no apply yet") switchOff();
  if (arrangement === "hooks switched off, then an apply") {
    switchOff();
    await apply(project);
  }
}

/** What is done to the hook while the client works, before the first call of an arrangement. */
function tampering({ project, agent }: Scene, arrangement: Arrangement): readonly Deed[] {
  const hook = project.path(`agents/${agent}/.claude/hooks/auto-deny`);
  if (arrangement === "the hook gone") return [{ rename: [hook, `${hook}-away`] }];
  if (arrangement === "the hook not executable") return [{ rename: [`${hook}-away`, hook] }, { mode: [hook, 0o644] }];
  return [];
}

function filled(step: Step, { project, agent }: Scene): Step {
  const fill = (value: string | boolean): string | boolean =>
    typeof value === "string"
      ? value.replaceAll("{root}", project.root).replaceAll("{agent}", project.path(`agents/${agent}`))
      : value;
  const entries = Object.entries(step.input).map(([key, value]) => [key, fill(value)] as const);
  return { tool: step.tool, input: Object.fromEntries(entries) };
}

interface Scene {
  readonly client: string;
  readonly project: Project;
  readonly agent: string;
}

/** The options of every run: the project's folders are open to the file tools, two MCP servers and some agents are known. */
function options(project: Project): string[] {
  const command = { command: process.execPath, args: [server, project.path("notes")] };
  const servers = { mcpServers: { "linear-server": command, elsewhere: command } };
  const agents = Object.fromEntries(SUBAGENTS.map((name) => [name, { description: name, prompt: "Do your work." }]));
  return ["--add-dir", project.root, "--mcp-config", JSON.stringify(servers), "--agents", JSON.stringify(agents)];
}

/** The steps of one case. What a case of an earlier arrangement may have left is taken away first. */
function stepsOf(one: Case, scene: Scene, deeds: readonly Deed[]): ScriptStep[] {
  const { before = [], call, after = [], touches, says } = one;
  const path = touches === undefined ? undefined : scene.project.path(touches);
  const isNew = path !== undefined && !SEED.some((name) => path.endsWith(`/${name}`)) && !path.includes("/.claude/");
  const cleared: Deed[] = isNew ? [{ remove: path }] : [];
  const called: ScriptStep = {
    ...filled(call, scene),
    ...(path === undefined ? {} : { touches: path }),
    ...(says === undefined ? {} : { says }),
    first: before.length > 0 ? cleared : [...deeds, ...cleared],
  };
  const [head, ...rest] = before.map((step) => filled(step, scene));
  const prepared: ScriptStep[] = head ? [{ ...head, first: deeds }, ...rest] : [];
  return [...prepared, called, ...after.map((step) => filled(step, scene))];
}

/** Plays cases in one conversation, in their order. */
async function playAll(scene: Scene, cases: readonly Case[], tampers: boolean): Promise<Seen[]> {
  const { client, project, agent } = scene;
  seed(project);
  const scripts = cases.map((one, index) => {
    const isFirst = cases[index - 1]?.arrangement !== one.arrangement;
    return stepsOf(one, scene, tampers && isFirst ? tampering(scene, one.arrangement) : []);
  });
  const played = await play({
    client,
    folder: project.path(`agents/${agent}`),
    home: join(project.home, agent),
    trusted: project.root,
    steps: scripts.flat(),
    options: options(project),
    env: environment(scene, tampers ? cases[0]?.arrangement : undefined),
  });
  let next = 0;
  return cases.map((one, index) => {
    const before = one.before?.length ?? 0;
    const ready = played.calls.slice(next, next + before).every(({ verdict }) => verdict === "ran");
    const outcome = played.calls[next + before];
    next += scripts[index]?.length ?? 0;
    if (!outcome) throw new Error(`no answer for ${one.what}`);
    return { ...outcome, ready };
  });
}

/** All cases of one agent, each in its arrangement, and each denied call once more without .claude. */
export async function judgeAgent(client: string, agent: string, cases: readonly Case[]): Promise<Judged[]> {
  const { project, close } = makeProject({ ownFleet: true });
  try {
    const scene: Scene = { client, project, agent };
    const seen = new Map<Case, Seen>();
    for (const arrangements of STARTS) {
      const here = arrangements.flatMap((wanted) => cases.filter(({ arrangement }) => arrangement === wanted));
      if (here.length === 0) continue;
      await arrange(scene, arrangements[0]);
      const outcomes = await playAll(scene, here, true);
      for (const [index, outcome] of outcomes.entries()) {
        const one = here[index];
        if (one) seen.set(one, outcome);
      }
    }
    strip(project, agent);
    const denied = cases.filter((one) => one.expect === "denied");
    const unique = [...new Map(denied.map((one) => [one.what, one])).values()];
    const controls = await playAll(scene, unique, false);
    return cases.flatMap((one): Judged[] => {
      const outcome = seen.get(one);
      const control = controls[unique.findIndex((other) => other.what === one.what)];
      return outcome ? [{ ...outcome, case: one, ...(control ? { control } : {}) }] : [];
    });
  } finally {
    close();
  }
}
