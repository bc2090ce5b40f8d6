// Plays a script of tool calls in the real client: a job as JSON on stdin, what became of every call as JSON on stdout.
import { spawn } from "node:child_process";
import { chmodSync, lstatSync, readFileSync, renameSync, rmSync } from "node:fs";
import process from "node:process";
import { CUE, startModelApi } from "./client-model-api.mjs";

/** Starts the client with nothing in its environment but PATH, what keeps it on this machine, and what the job says. */
function startClient(job, url) {
  const { client, folder, home, steps, options, env = {} } = job;
  const tools = [...new Set(steps.map((step) => step.tool))];
  const stream = ["--output-format", "stream-json", "--verbose", "--include-hook-events"];
  const words = ["-p", CUE, ...stream, ...options, "--allowedTools", tools.join(",")];
  return spawn(client, words, {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      LANG: "C.UTF-8",
      HOME: home,
      CLAUDE_CONFIG_DIR: `${home}/.claude`,
      ANTHROPIC_API_KEY: "not-a-key",
      ANTHROPIC_BASE_URL: url,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
}

/** Runs the client to its end; after the limit its whole process group is ended. */
function finish(child, limitMs) {
  const out = [];
  const err = [];
  child.stdout.on("data", (bytes) => out.push(bytes));
  child.stderr.on("data", (bytes) => err.push(bytes));
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => process.kill(-child.pid, "SIGKILL"), limitMs);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(late);
      resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

const parsed = (line) => {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
};

const textOf = (content) =>
  typeof content === "string" ? content : (content ?? []).map((one) => one.text ?? "").join("");

/** Who refused a call, by the words the client has for it; null when these are no words of refusal. */
function refusedBy(text) {
  if (/^PreToolUse:\S+ hook error/.test(text)) return "hook";
  if (/has been denied|denied by your permission settings|permission rule/i.test(text)) return "rule";
  if (/No such tool available/.test(text)) return "not offered";
  if (/requested permissions to|haven't granted/.test(text)) return "no grant";
  return null;
}

/** `ran`, `denied` or `failed` (it was let through and did not do its work), who said no, and the client's words. */
function judge(result, denials) {
  const text = textOf(result.content).trim();
  const by = result.is_error ? refusedBy(text) : null;
  if (denials.has(result.tool_use_id) || by !== null) return { verdict: "denied", by: by ?? "unknown", text };
  return { verdict: result.is_error ? "failed" : "ran", by: null, text };
}

/** Mode and bytes of what lies there, or that nothing does. */
function picture(path) {
  try {
    return `${lstatSync(path).mode} ${readFileSync(path, "latin1")}`;
  } catch {
    return "nothing";
  }
}

/** Somebody changes the disk while the client works. */
function tamper({ remove, rename, mode }) {
  if (remove) rmSync(remove, { force: true });
  if (rename) renameSync(rename[0], rename[1]);
  if (mode) chmodSync(mode[0], mode[1]);
}

/** Looks at what each step may change, right before it is asked for and right after it was answered. */
function watcher(steps) {
  const heard = [];
  const effects = [];
  let before = null;
  const look = ({ touches, says }) => {
    if (says) return heard.filter((text) => text.includes(says)).length;
    return touches ? picture(touches) : "";
  };
  const onStep = (index) => {
    const done = steps[index - 1];
    if (done && effects.length < index) effects.push(look(done) !== before);
    const next = steps[index];
    if (!next) return;
    for (const deed of next.first ?? []) tamper(deed);
    before = look(next);
  };
  return { heard, effects, onStep };
}

function outcome(steps, ended, effects) {
  const said = ended.stdout.split("\n").flatMap(parsed);
  const final = said.find((event) => event.type === "result");
  const results = said
    .filter((event) => event.type === "user" && !event.parent_tool_use_id)
    .flatMap((event) => (Array.isArray(event.message?.content) ? event.message.content : []))
    .filter((block) => block.type === "tool_result");
  if (!final || results.length !== steps.length || effects.length !== steps.length) {
    const why = `the client ended with ${ended.code ?? ended.signal} after ${results.length} of ${steps.length} calls`;
    const words = `${ended.stderr.trim()} ${final?.result ?? ""} ${textOf(results.at(-1)?.content)}`;
    return { error: `${why}: ${words.slice(0, 600)}` };
  }
  const denials = new Set((final.permission_denials ?? []).map((one) => one.tool_use_id));
  const hooks = said.filter((event) => event.subtype === "hook_response" && /^PreToolUse/.test(event.hook_name ?? ""));
  const calls = results.map((result, index) => ({ ...judge(result, denials), effect: effects[index] }));
  return { calls, hooks: hooks.length };
}

const job = JSON.parse(readFileSync(0, "utf8"));
const { heard, effects, onStep } = watcher(job.steps);
const api = await startModelApi({ script: job.steps, heard, onStep });
const ended = await finish(startClient(job, api.url), job.limitMs);
api.close();
process.stdout.write(JSON.stringify(outcome(job.steps, ended, effects)));
