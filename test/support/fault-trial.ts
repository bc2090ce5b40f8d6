// One trial in the storm: the same fleet laid anew, an apply that meets one fault, what holds then, and after the next apply.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AFTER, APPLY, BEFORE, firstSpec, lifeGoesOn } from "./fault-fixture.ts";
import { archived, differences, lost, type Picture, pictureOf, strays } from "./fault-invariants.ts";
import { COMMANDS, makeProject, type Project } from "./project-fixture.ts";
import { forgetProcesses, runs, sessionsOn, until } from "./tmux-fixture.ts";

const injector = fileURLToPath(new URL("./fault-injector.mjs", import.meta.url));

/** What goes wrong, at which of the calls that change a file below the project. `at` 0: nothing. */
interface Fault {
  readonly at: number;
  /** `kill`, `torn`, or the errno of the call. */
  readonly fault: string;
  /** From then on every call fails. */
  readonly sticky?: boolean;
  /** A regular expression: only calls count whose `name path` it finds. */
  readonly match?: string;
}

interface Met {
  /** The call that was met, as the tally says it: `rename agents/alfa/…`; null: the run was over before. */
  readonly call: string | null;
  /** Exit code, null when it was killed. */
  readonly code: number | null;
  readonly output: string;
  /** What did not hold; empty: it was survived. */
  readonly complaints: readonly string[];
}

interface Versions {
  readonly old: Picture;
  readonly fresh: Picture;
}

export interface FaultTrial {
  readonly project: Project;
  /** What lay there before: the first version, and the one that the apply leads to. */
  readonly versions: Versions;
  /** How many calls that this fault could meet an apply makes that meets none: torn counts writes, a full disk no removals. */
  calls(fault: Pick<Fault, "fault" | "sticky">): Promise<number>;
  /** The apply with the fault, and what holds at once. */
  strike(fault: Fault): Promise<Met>;
  /** Lays all anew, without any fault. */
  layAnew(): Promise<void>;
  /** Another command meets a fault, in the project as it is. */
  meet(fault: Fault, words: readonly string[]): Promise<Pick<Met, "code" | "output">>;
  /** The same with what holds after the next apply. */
  trial(fault: Fault): Promise<Met>;
  close(): void;
}

/** Makes the fleet: the first apply is done, life went on, the second spec lies there. */
export async function openFaultTrial(): Promise<FaultTrial> {
  const { project, close } = makeProject({ files: firstSpec() });
  const trial = new RunningFaultTrial(project, close);
  try {
    await trial.prepare();
  } catch (error) {
    close();
    throw error;
  }
  return trial;
}

class RunningFaultTrial implements FaultTrial {
  readonly project: Project;
  readonly close: () => void;
  private readonly harbour: string;
  private readonly tally: string;
  private sessions = "";
  private bravo = 0;
  private sessionsBefore = "";
  versions: Versions = { old: {}, fresh: {} };

  constructor(project: Project, close: () => void) {
    this.project = project;
    this.close = close;
    this.harbour = join(dirname(project.root), "harbour");
    this.tally = join(dirname(project.root), "tally");
  }

  async prepare(): Promise<void> {
    const { project } = this;
    await this.mustApply();
    this.sessions = BEFORE.map((agent) => this.sessionLine(agent)).join("\n");
    lifeGoesOn(project);
    forgetProcesses(project);
    cpSync(project.root, this.harbour, { recursive: true, preserveTimestamps: true });
    await this.layAnew();
    const old = pictureOf(project.root);
    await this.mustApply();
    this.versions = { old, fresh: pictureOf(project.root) };
    const wrong = await this.afterwards();
    if (wrong.length > 0) throw new Error(`the storm does not even survive good weather: ${wrong.join("; ")}`);
  }

  /** Runs the apply and demands that it works. */
  private async mustApply(): Promise<void> {
    const { code, stdout, stderr } = await this.project.run(APPLY);
    if (code !== 0) throw new Error(`exit ${code}\n${stdout}${stderr}`);
  }

  /** What makes the session of an agent once more, with its mark: tmux's words. */
  private sessionLine(agent: string): string {
    const target = `'=iw-${agent}:'`;
    const option = (...words: string[]): string =>
      this.project.tmux(["show-options", "-v", ...words.slice(0, -1), "-t", `=iw-${agent}:`, words.at(-1) ?? ""]);
    return [
      `new-session -d -s iw-${agent} -x 220 -y 50 -c '${this.project.path(`agents/${agent}`)}' -- sleep 100000`,
      `set-option -p -t ${target} remain-on-exit on`,
      `set-option -p -t ${target} @rollcall_pane '${option("-p", "@rollcall_pane")}'`,
      `set-option -t ${target} @rollcall '${option("@rollcall")}'`,
    ].join(" ; ");
  }

  /** The project as it was, with the sessions as they were. */
  async layAnew(): Promise<void> {
    const { project } = this;
    const present = Object.values(sessionsOn(project.socket));
    if (present.length > 0) {
      const server = Number(project.tmux(["display-message", "-p", "#{pid}"]));
      project.tmux(["kill-server"]);
      await until("the server of the last trial is gone", () => !runs(server));
    }
    rmSync(project.root, { recursive: true, force: true });
    execFileSync("cp", ["-a", this.harbour, project.root]);
    const script = join(dirname(project.root), "sessions.tmux");
    writeFileSync(script, `${this.sessions}\n`);
    project.tmux(["start-server", ";", "source-file", script]);
    this.bravo = sessionsOn(project.socket)["iw-bravo"]?.pid ?? 0;
    this.sessionsBefore = this.sessionsNow();
  }

  private sessionsNow(): string {
    return JSON.stringify(sessionsOn(this.project.socket));
  }

  async calls(fault: Pick<Fault, "fault" | "sticky">): Promise<number> {
    await this.layAnew();
    const { code, output } = await this.meet({ ...fault, at: 0 });
    if (code !== 0) throw new Error(`the injector alone breaks it: exit ${code}\n${output}`);
    return this.told().length;
  }

  private told(): string[] {
    const text = existsSync(this.tally) ? readFileSync(this.tally, "utf8") : "";
    return text.split("\n").filter((line) => line !== "");
  }

  async meet(
    { at, fault, sticky = false, match = "" }: Fault,
    words: readonly string[] = APPLY,
  ): Promise<Pick<Met, "code" | "output">> {
    const { project } = this;
    rmSync(this.tally, { force: true });
    const order = { below: project.root, at, fault, sticky, match, tally: this.tally };
    const child = spawn(process.execPath, ["--import", injector, COMMANDS.rollcall, ...words], {
      cwd: project.root,
      env: { ...project.env, ROLLCALL_FAULT: JSON.stringify(order) },
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own: the injector ends all of it, as a kill of the whole would.
      detached: true,
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, output };
  }

  async strike(fault: Fault): Promise<Met> {
    await this.layAnew();
    const { code, output } = await this.meet(fault);
    const told = this.told();
    const [call = null, ...later] = told.slice(fault.at - 1).map((one) => one.replace(`${this.project.root}/`, ""));
    if (call === null) return { call, code, output, complaints: [] };
    const isKill = fault.fault === "kill" || fault.fault === "torn";
    const complaints = [
      ...differences(this.project.root, [this.versions.old, this.versions.fresh]),
      ...lost(this.project.root, this.versions.old),
      ...(isKill ? this.afterKill(code) : this.afterRefusal(fault, [call, ...later], { code, output })),
      ...(sessionsOn(this.project.socket)["iw-bravo"] || this.isBravoRenamed() ? [] : ["bravo's session is gone"]),
    ];
    return { call, code, output, complaints };
  }

  private isBravoRenamed(): boolean {
    return sessionsOn(this.project.socket)["iw-beta"]?.pid === this.bravo;
  }

  private afterKill(code: number | null): string[] {
    return code === null ? [] : [`it was to be killed and exits ${code}`];
  }

  /** Not zero unless it converged; the message names the file and the cause; nothing temporary is left. */
  private afterRefusal(
    { fault, sticky = false }: Fault,
    calls: readonly string[],
    { code, output }: Pick<Met, "code" | "output">,
  ): string[] {
    const { root } = this.project;
    const changed = differences(root, [this.versions.old]).length > 0 || this.sessionsNow() !== this.sessionsBefore;
    const converged = differences(root, [this.versions.fresh]).length === 0;
    const complaints: string[] = [];
    if (code === 0 && !converged) complaints.push("exit 0, and it has not converged");
    if (code !== 0 && code !== (changed ? 5 : 1)) complaints.push(`exit ${code}, something done: ${changed}`);
    // Of a disk that stays broken the message may tell what it met later.
    if (code !== 0) complaints.push(...unnamed(output, sticky ? calls : calls.slice(0, 1), fault));
    if (/mistake in Rollcall/.test(output)) complaints.push("told as a mistake of Rollcall");
    // What could not be recorded is still in the journal, and has to be.
    if (!sticky) complaints.push(...strays(root).filter((path) => !/^state\/(lock|journal\/.*)$/.test(path)));
    return complaints;
  }

  async trial(fault: Fault): Promise<Met> {
    const met = await this.strike(fault);
    if (met.call === null) return met;
    const again = await this.project.run(APPLY);
    const after =
      again.code === 0
        ? await this.afterwards()
        : [`the next apply exits ${again.code}: ${again.stdout}${again.stderr}`];
    return { ...met, complaints: [...met.complaints, ...after.map((one) => `after the next apply: ${one}`)] };
  }

  /** After an apply that met no fault: everything is as it shall be, and nothing is left over. */
  private async afterwards(): Promise<string[]> {
    const { project } = this;
    const plan = await project.run(["plan", "--detailed-exitcode", "--prune"]);
    const sessions = sessionsOn(project.socket);
    return [
      ...differences(project.root, [this.versions.fresh]),
      ...lost(project.root, this.versions.old),
      ...strays(project.root).map((path) => `${path} is left over`),
      ...archived(project.root, this.versions),
      ...(plan.code === 0 ? [] : [`plan exits ${plan.code}: ${plan.stdout}${plan.stderr}`]),
      ...(Object.keys(sessions).sort().join() === AFTER.join() ? [] : [`sessions: ${Object.keys(sessions)}`]),
      ...(sessions["iw-beta"]?.pid === this.bravo ? [] : ["beta's process was replaced"]),
    ];
  }
}

/** What a message leaves out: the errno, or every one of the files (or their folders) that were met. */
function unnamed(output: string, calls: readonly string[], fault: string): string[] {
  const met = calls.map((call) => call.slice(call.indexOf(" ") + 1));
  const names = met.map(
    (path) => /(?:^|\/)\.([^/]+)\.rollcall-[^/]*$/.exec(path)?.[1] ?? path.split("/").at(-1) ?? path,
  );
  const isNamed = met.some((path, nth) => output.includes(names[nth] ?? path) || output.includes(dirname(path)));
  return [
    ...(output.includes(`(${fault})`) ? [] : [`${fault} is not named`]),
    ...(isNamed ? [] : [`${names[0] ?? "the file"} is not named`]),
  ];
}

/** Makes a folder for what a trial leaves, when somebody wants to look at it. */
export function keepWreck(trial: FaultTrial, name: string): string {
  const place = join(dirname(trial.project.root), "wrecks", name);
  mkdirSync(dirname(place), { recursive: true });
  cpSync(trial.project.root, place, { recursive: true });
  return place;
}
