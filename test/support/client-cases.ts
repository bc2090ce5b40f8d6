// What five agents of the fleet may and may not do, as tool calls for the real client. The table in docs/enforcement.md
// has one row per case.

/** One tool call as the model asks for it. `{root}` and `{agent}` become the absolute folders of the run. */
export interface Step {
  readonly tool: string;
  readonly input: Readonly<Record<string, string | boolean>>;
}

/** In which state the agent's folder is when the call is made. */
export type Arrangement =
  | "as rendered"
  | "the rules of settings.local.json gone"
  | "the hook gone"
  | "the hook not executable"
  | "hooks switched off, no apply yet"
  | "hooks switched off, then an apply"
  | "a program named node that ends with 42, first on the PATH"
  | "the shell of a session";

export interface Case {
  readonly agent: string;
  readonly arrangement: Arrangement;
  /** One clause for the table, with everything that matters in it. */
  readonly what: string;
  readonly call: Step;
  readonly expect: "runs" | "denied";
  /** A path relative to the root whose mode or bytes change when, and only when, the call runs. */
  readonly touches?: string;
  /** Instead of a path: words that another conversation hears when, and only when, the call runs. */
  readonly says?: string;
  /** Calls made first, which have to run, and calls that bring the conversation back. */
  readonly before?: readonly Step[];
  readonly after?: readonly Step[];
}

interface Role {
  readonly agent: string;
  /** A folder it may write in and one it may not. */
  readonly open: string;
  readonly closed: string;
  /** Names in any folder that are closed as well. */
  readonly closedName?: string;
  readonly mayAsk?: string;
  readonly mayNotAsk: readonly string[];
  readonly mayCall?: string;
  readonly mayNotCall: string;
}

const ROLES: readonly Role[] = [
  {
    agent: "planning-agent",
    open: "docs",
    closed: "src",
    closedName: "docs/plan.spec.ts",
    mayAsk: "backend-agent",
    mayNotAsk: ["qa-agent", "general-purpose"],
    mayCall: "linear-server",
    mayNotCall: "elsewhere",
  },
  {
    agent: "test-writer-agent",
    open: "tests",
    closed: "src",
    mayNotAsk: ["backend-agent", "general-purpose"],
    mayNotCall: "linear-server",
  },
  {
    agent: "backend-agent",
    open: "src",
    closed: "tests",
    closedName: "src/shop.spec.ts",
    mayNotAsk: ["general-purpose"],
    mayNotCall: "linear-server",
  },
  {
    agent: "qa-agent",
    open: "docs",
    closed: "tests",
    closedName: "src/shop.test.ts",
    mayNotAsk: ["general-purpose"],
    mayNotCall: "linear-server",
  },
  {
    agent: "tracking-agent",
    open: "docs",
    closed: "tests",
    mayNotAsk: ["general-purpose"],
    mayCall: "linear-server",
    mayNotCall: "elsewhere",
  },
];

/** What lies in the project before anything is called: a file to change in every way, and a link to every folder. */
export const FOLDERS = ["docs", "src", "tests", "notes"] as const;
export const SEED = ["edit.txt", "sed.txt", "rm.txt"] as const;
export const linkTo = (folder: string): string => `way-to-${folder}`;

const bash = (command: string): Step => ({ tool: "Bash", input: { command, description: "a step" } });
const write = (path: string): Step => ({ tool: "Write", input: { file_path: path, content: "written\n" } });
const edit = (path: string): Step => ({
  tool: "Edit",
  input: { file_path: path, old_string: "old", new_string: "new" },
});
const read = (path: string): Step => ({ tool: "Read", input: { file_path: path } });
const inline = (path: string): Step => bash(`node -e 'require("fs").writeFileSync("${path}", "written")'`);
const note = (server: string, name: string): Step => ({ tool: `mcp__${server}__make_note`, input: { name } });
const ask = (agent: string, words: string): Step => ({
  tool: "Agent",
  input: { description: "a task", prompt: words, subagent_type: agent, run_in_background: false },
});

type Part = Omit<Case, "agent" | "arrangement" | "expect">;

/** The calls that write into a folder, in every way a file can be named. */
function writing(folder: string): Part[] {
  const at = (name: string): string => `${folder}/${name}`;
  const back = { after: [bash("cd {agent}")] };
  const there = { before: [bash(`cd {root}/${folder}`)], ...back };
  return [
    { what: `Write in \`${folder}/\``, call: write(`{root}/${at("write.txt")}`), touches: at("write.txt") },
    {
      what: `Write in \`${folder}/\`, named through \`../\``,
      call: write(`{agent}/../../notes/../${at("dots.txt")}`),
      touches: at("dots.txt"),
    },
    {
      what: `Write in \`${folder}/\`, through a link`,
      call: write(`{root}/${linkTo(folder)}/link.txt`),
      touches: at("link.txt"),
    },
    { what: `Write in \`${folder}/\`, after \`cd\``, call: write("cd.txt"), touches: at("cd.txt"), ...there },
    {
      what: `Edit in \`${folder}/\``,
      before: [read(`{root}/${at("edit.txt")}`)],
      call: edit(`{root}/${at("edit.txt")}`),
      touches: at("edit.txt"),
    },
    { what: `Bash: \`>\` into \`${folder}/\``, call: bash(`echo x > ../../${at("to.txt")}`), touches: at("to.txt") },
    {
      what: `Bash: \`touch\` in \`${folder}/\`, after \`cd\``,
      call: bash("touch moved.txt"),
      touches: at("moved.txt"),
      ...there,
    },
    {
      what: `Bash: \`cd\` and \`touch\` in \`${folder}/\``,
      call: bash(`cd ../../${folder} && touch both.txt`),
      touches: at("both.txt"),
      ...back,
    },
    {
      what: `Bash: \`touch\` in \`${folder}/\`, through a link`,
      call: bash(`touch ../../${linkTo(folder)}/bash-link.txt`),
      touches: at("bash-link.txt"),
    },
    {
      what: `Bash: \`sed -i\` in \`${folder}/\``,
      call: bash(`sed -i s/old/new/ ../../${at("sed.txt")}`),
      touches: at("sed.txt"),
    },
    { what: `Bash: \`rm\` in \`${folder}/\``, call: bash(`rm ../../${at("rm.txt")}`), touches: at("rm.txt") },
    {
      what: `Bash: \`node -e\` writes in \`${folder}/\``,
      call: inline(`../../${at("inline.txt")}`),
      touches: at("inline.txt"),
    },
  ];
}

/** What no agent may do to its own borders, or to another's. */
function breakingOut(agent: string, open: string): Part[] {
  const hook = ".claude/hooks/auto-deny";
  const settings = "agents/seo-agent/.claude/settings.local.json";
  return [
    { what: "Bash: `chmod -x` of its own hook", call: bash(`chmod -x ${hook}`), touches: `agents/${agent}/${hook}` },
    {
      what: "Bash: `node -e` empties the settings of another agent",
      call: inline(`../../${settings}`),
      touches: settings,
    },
    ...["desired/added.yaml", "templates/added.md", "agents/seo-agent/CLAUDE.md"].map(
      (path): Part => ({
        what: `Write of \`${path}\``,
        call: write(`{root}/${path}`),
        touches: path,
      }),
    ),
    {
      what: "Bash: `>` into `desired/`",
      call: bash("echo x > ../../desired/to.yaml"),
      touches: "desired/to.yaml",
    },
    ...["rollcall apply -y", "codex exec x"].map((command) => forbidden(command, open)),
  ];
}

/** A stand-in of that name leaves a trace when it is run. */
function forbidden(command: string, open: string): Part {
  const [name = ""] = command.split(" ");
  const program = `../../${open}/${name}`;
  const trace = `notes/ran-${name}.txt`;
  const text = `#!/bin/sh\\ntouch {root}/${trace}\\n`;
  return {
    what: `Bash: \`${command}\``,
    before: [bash(`printf '${text}' > ${program} && chmod +x ${program}`)],
    call: bash(`../../${open}/${command}`),
    touches: trace,
  };
}

const asking = (agent: string): Part => {
  const words = `Count the sheep for ${agent}.`;
  return { what: `Agent: \`${agent}\``, call: ask(agent, words), says: words };
};
const calling = (server: string): Part => {
  const name = `${server}.txt`;
  return { what: `MCP: \`mcp__${server}__make_note\``, call: note(server, name), touches: `notes/${name}` };
};

function asRendered(role: Role): Case[] {
  const { agent, open, closed, closedName, mayAsk, mayNotAsk, mayCall, mayNotCall } = role;
  const runs = [...writing(open), ...(mayAsk ? [asking(mayAsk)] : []), ...(mayCall ? [calling(mayCall)] : [])];
  const named = closedName
    ? [{ what: `Write of \`${closedName}\``, call: write(`{root}/${closedName}`), touches: closedName }]
    : [];
  const denied = [
    ...writing(closed),
    ...named,
    ...mayNotAsk.map(asking),
    calling(mayNotCall),
    ...breakingOut(agent, open),
  ];
  const arrangement = "as rendered";
  return [
    ...runs.map((part): Case => ({ agent, arrangement, expect: "runs", ...part })),
    ...denied.map((part): Case => ({ agent, arrangement, expect: "denied", ...part })),
  ];
}

/** The one agent that shows what healing is for: the same calls before the apply. */
const UNHEALED = "backend-agent";

/** Somebody changed the agent's folder. Without its hook an agent can do nothing at all, until the next apply. */
function tampered({ agent, open, closed, mayNotAsk, mayNotCall }: Role): Case[] {
  const inClosed = writing(closed);
  const files = inClosed.filter(({ call }) => call.tool === "Write" && call.input["file_path"] !== "cd.txt");
  const beyondRules = [
    ...inClosed.filter(({ call }) => String(call.input["command"]).startsWith("node")),
    ...mayNotAsk.slice(-1).map(asking),
    calling(mayNotCall),
  ];
  const nothing = [...files.slice(0, 1), ...beyondRules, ...writing(open).slice(0, 1)];
  const rows: readonly (readonly [Arrangement, readonly Part[], Case["expect"]])[] = [
    ["the rules of settings.local.json gone", files, "denied"],
    ["the hook gone", nothing, "denied"],
    ["the hook not executable", nothing, "denied"],
    ["hooks switched off, no apply yet", agent === UNHEALED ? beyondRules : [], "runs"],
    ["hooks switched off, then an apply", [...files.slice(0, 1), ...beyondRules], "denied"],
    ["a program named node that ends with 42, first on the PATH", [...touching(closed), calling(mayNotCall)], "denied"],
    ["a program named node that ends with 42, first on the PATH", touching(open), "runs"],
    ["the shell of a session", agent === UNHEALED ? [intoBang(agent, closed)] : [], "runs"],
  ];
  return rows.flatMap(([arrangement, parts, expect]) =>
    parts.map((part): Case => ({ agent, arrangement, expect, ...part })),
  );
}

/** Calls that are told from reading only by the hook. */
const touching = (folder: string): Part[] =>
  writing(folder).filter(({ call, before }) => String(call.input["command"]).startsWith("touch ") && !before);

/** zsh would write into the folder; bash writes a file named `!` in the agent's own, and the hook reads it so. */
const intoBang = (agent: string, folder: string): Part => ({
  what: `Bash: \`echo x >! ${folder}/bang.txt\`, which writes there in zsh alone`,
  call: bash(`echo x >! ../../${folder}/bang.txt`),
  touches: `agents/${agent}/!`,
});

/** Every case, in the order of the table. */
export const CASES: readonly Case[] = ROLES.flatMap((role) => [...asRendered(role), ...tampered(role)]);

/** Agents that the client knows besides its own. */
export const SUBAGENTS = ["backend-agent", "qa-agent"] as const;
