// Settings as people, old templates and other tools write them: what the client's loader was asked about.

const command = { type: "command", command: "/bin/guard" };
const deny = { permissions: { deny: ["Edit(tests/**)"] } };
const inGate = (entry) => ({ ...deny, hooks: { PreToolUse: [entry] } });
const inStop = (entry) => ({ ...deny, hooks: { Stop: [entry] } });
const hook = (more) => ({ matcher: "*", hooks: [{ ...command, ...more }] });
const rule = (text) => ({ permissions: { deny: ["Edit(tests/**)", text] } });

/** Members of objects, as `key.member`. */
export const MEMBERS = [
  ...[
    "allow",
    "deny",
    "ask",
    "additionalDirectories",
    "defaultMode",
    "disableBypassPermissionsMode",
    "disableAutoMode",
  ].map((name) => `permissions.${name}`),
  ...["blockReadsOutsideWorkingDirectories", "blockWritesOutsideWorkingDirectories", "denyInsteadOfPrompting"].map(
    (name) => `permissions.${name}`,
  ),
  ...["attribution.commit", "attribution.pr", "attribution.sessionUrl", "worktree.symlinkDirectories"],
  ...["enabled", "autoAllowBashIfSandboxed", "excludedCommands", "network", "filesystem"].map(
    (name) => `sandbox.${name}`,
  ),
  ...["remote.defaultEnvironmentId", "voice.enabled", "autoMode.allow", "autoMode.soft_deny", "modelOverrides.opus"],
];

const RULES = [
  ...[
    "Edit",
    "Edit(x)",
    "Edit(",
    "Edit()",
    "",
    "(x)",
    "Edit(x) ",
    " Edit(x)",
    "Edit)",
    "Edit(a)(b)",
    "Edit(x",
    "edit(x)",
  ],
  ...[
    "edit",
    "bash(x)",
    "mcp__a",
    "mcp__a__b",
    "mcp__a(x)",
    "mcp__a__*",
    "Bash(rm:*)",
    "Bash(:*)",
    "Bash",
    "Bash(*)",
    "*",
  ],
  ...["WebFetch(domain:x)", "WebFetch(x)", "WebSearch(x)", "Read(//x)", "Agent(x)", "Skill(x)", "Foo(x)", "Tool-Name"],
];

/** By the name of its story. */
export const DOCUMENTS = {
  "settings as our template renders them": {
    model: "opus",
    permissions: { defaultMode: "acceptEdits", deny: ["Edit(.claude/**)"] },
    hooks: {
      PreToolUse: [
        {
          matcher: "*",
          hooks: [
            {
              type: "command",
              command: '"$CLAUDE_PROJECT_DIR"/.claude/hooks/auto-deny',
              timeout: 10,
              onFailure: "block",
            },
          ],
        },
      ],
    },
    disableAllHooks: false,
  },
  "local settings as our template renders them": {
    permissions: {
      deny: ["Edit(//srv/fleet/tests/**)", "Edit(//srv/fleet/**/*.test.*)", "Edit(//srv/fleet/state/**)"],
    },
    disableAllHooks: false,
  },
  "a hook as it should be": inGate(hook({ timeout: 10, onFailure: "block" })),
  "a hook without a matcher": inGate({ hooks: [command] }),
  "an entry without hooks in it": inGate({ matcher: "*", hooks: [] }),
  "other types of hooks": inGate({
    hooks: [
      { type: "prompt", prompt: "x" },
      { type: "agent", prompt: "x" },
      { type: "http", url: "http://localhost/x" },
      { type: "mcp_tool", server: "s", tool: "t" },
    ],
  }),
  "the flat shape of the old templates": {
    ...inGate({ command: ".claude/hooks/auto-deny.py", description: "guard" }),
    contextFiles: [],
    projectInfo: {},
  },
  "a flat entry beside a right one": { ...deny, hooks: { PreToolUse: [hook({}), { command: "x" }] } },
  "a flat entry in Stop": inStop({ command: "x" }),
  "an empty entry": inGate({}),
  "null for an entry": inGate(null),
  "a text for an entry": inGate("/bin/guard"),
  "a text for an entry of Stop": inStop("/bin/guard"),
  "a text for an event": { ...deny, hooks: { PreToolUse: "x" } },
  "a text for Stop": { ...deny, hooks: { Stop: "x" } },
  "an event nobody knows": { ...deny, hooks: { BeforeBreakfast: [] } },
  "a list for hooks": { ...deny, hooks: [] },
  "null for hooks": { ...deny, hooks: null },
  "a number for a matcher": inGate({ matcher: 1, hooks: [command] }),
  "a number for a matcher of Stop": inStop({ matcher: 1, hooks: [command] }),
  "an unknown type of hook": inGate(hook({ type: "bogus" })),
  "a hook without a type": inGate({ hooks: [{ command: "x" }] }),
  "a hook without a command": inGate({ hooks: [{ type: "command" }] }),
  "a text for a timeout": inGate(hook({ timeout: "10" })),
  "a text for a timeout in Stop": inStop(hook({ timeout: "10" })),
  "no time at all": inGate(hook({ timeout: 0 })),
  "an unknown onFailure": inGate(hook({ onFailure: "maybe" })),
  "an unknown shell": inGate(hook({ shell: "fish" })),
  "a text for arguments": inGate(hook({ args: "x" })),
  "a member of a hook nobody knows": inGate(hook({ colour: "red" })),
  "a member of an entry nobody knows": inGate({ ...hook({}), description: "guard" }),
  "an environment that is a text": { env: "A=1" },
  "a status line": { statusLine: { type: "command", command: "date" } },
  "a status line without its command": { statusLine: { type: "command" } },
  "a status line with a text for padding": { statusLine: { type: "command", command: "date", padding: "1" } },
  "verbs without a mode": { spinnerVerbs: { verbs: ["Sailing"] } },
  "verbs as they should be": { spinnerVerbs: { mode: "append", verbs: ["Sailing"] } },
  "a number among fallback models": { fallbackModel: ["opus", 1] },
  "a number among further directories": { permissions: { additionalDirectories: ["/a", 1] } },
  "a number among rules": { permissions: { deny: ["Edit(x)", 1] } },
  "everything allowed": { permissions: { allow: ["Bash(ls)", "*"] } },
  ...Object.fromEntries(
    ["acceptEdits", "auto", "bypassPermissions", "default", "dontAsk", "plan", "manual", "bogus"].map((mode) => [
      `the mode ${mode}`,
      { permissions: { defaultMode: mode } },
    ]),
  ),
  ...Object.fromEntries(
    [
      ["defaultShell", "bash", "fish"],
      ["autoUpdatesChannel", "latest", "beta"],
      ["tui", "fullscreen", "huge"],
      ["defaultView", "chat", "film"],
      ["feedbackDrafts", "quiet", "loud"],
      ["workflowSizeGuideline", "small", "tiny"],
      ["parentSettingsBehavior", "merge", "ignore"],
      ["managedSourcesBehavior", "merge", "ignore"],
      ["daemonColdStart", "ask", "never"],
      ["disableDeepLinkRegistration", "disable", "enable"],
      ["disableAutoMode", "disable", "enable"],
    ].flatMap(([key, right, wrong]) => [
      [`${key}: ${right}`, { [key]: right }],
      [`${key}: ${wrong}`, { model: "opus", [key]: wrong }],
    ]),
  ),
  ...Object.fromEntries(RULES.map((text) => [`the rule ${JSON.stringify(text)}`, rule(text)])),
};
