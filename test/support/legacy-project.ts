// A project as the system before this one left it: its layout, templates and registry, and files it once rendered.

/** The settings template in the old, flat shape: a client that reads it ignores the whole file. */
const SETTINGS_TEMPLATE = `{
  "hooks": {
    "PreToolUse": [
      {
        "command": "\${PROJECT_ROOT}/agents/\${AGENT_NAME}/.claude/hooks/auto-deny.py",
        "description": "Keeps \${AGENT_DISPLAY_NAME} to its registry entry"
      }
    ]
  },
  "contextFiles": ["CLAUDE.md", "\${PROJECT_ROOT}/.project-context.md"],
  "projectInfo": {
    "name": "\${AGENT_DISPLAY_NAME}",
    "type": "workflow-agent",
    "description": "\${AGENT_DESCRIPTION}"
  }
}
`;

const PAGE_TEMPLATE = `# \${AGENT_DISPLAY_NAME}

**Agent**: \${AGENT_NAME}, **model**: \${AGENT_MODEL}, **built**: \${BUILD_TIMESTAMP}

\${AGENT_DESCRIPTION}

Read the whole persona first: \${PERSONA_PATH} (project: \${PROJECT_ROOT}).

## Tools
\${AGENT_TOOLS_LIST}

## Closed to you
\${AGENT_CANNOT_ACCESS_LIST}

## Yours alone
\${AGENT_EXCLUSIVE_ACCESS_LIST}

## Handing on
\${AGENT_DELEGATION_RULES}

## Work
\${AGENT_RESPONSIBILITIES_LIST}

## Never
\${AGENT_FORBIDDEN_LIST}
`;

const REGISTRY = `# Every agent of the workflow
agents:
  planning-agent:
    name: planning-agent
    display_name: "Planning Agent"
    description: "Splits work, says \\"who\\", and never writes code"
    model: opus
    tools:
      - Read
      - Task
    delegates_to:
      - backend-agent
      - test-writer-agent
    cannot_access:
      - src/**
    exclusive_access: []
    responsibilities:
      - "Turn a request into steps"
    forbidden:
      - "Writing code"
  backend-agent:
    name: backend-agent
    display_name: "Backend Agent"
    description: "Builds the server side"
    model: opus
    tools: [Bash, Read, Write, Edit, Glob, Grep]
    delegates_to: []
    cannot_access: ["frontend/**"]
    exclusive_access: []
    responsibilities: ["Interfaces", "Data access"]
    forbidden: ["Changing tests"]
  test-writer-agent:
    name: test-writer-agent
    display_name: "Test Writer Agent"
    description: "Writes the tests first"
    model: haiku
    tools: [Read, Write]
    exclusive_access: ["tests/**"]
`;

/** What the old generator made of one agent, with what a person or the client added to its settings since. */
function oldSettings(agent: string, added: Readonly<Record<string, unknown>>): string {
  const value = {
    hooks: {
      PreToolUse: [{ command: `/srv/elsewhere/agents/${agent}/.claude/hooks/auto-deny.py`, description: "Old words" }],
    },
    contextFiles: ["CLAUDE.md"],
    projectInfo: { name: agent, type: "workflow-agent", description: "as it was in the spring" },
    ...added,
  };
  return `${JSON.stringify(value, null, 4)}\n`;
}

const oldPage = (agent: string): string => `# ${agent}\n\nBuilt 2025-11-20T10:11:12Z\n\nDelegates to:\\n- nobody\n`;

/** What was added by hand to the settings of each agent. */
export const ADDED = {
  "planning-agent": { permissions: { allow: ["WebFetch"], deny: ["Bash(rm:*)"] }, enabledMcpjsonServers: ["linear"] },
  "backend-agent": { env: { PAGER: "less" } },
} as const;

/** The project's files. `test-writer-agent` was never generated; `mem0` is a folder without an agent. */
export const ORIGINAL_FILES: Readonly<Record<string, string>> = {
  "agents/registry.yaml": REGISTRY,
  "scripts/native-orchestrator/templates/settings.json.template": SETTINGS_TEMPLATE,
  "scripts/native-orchestrator/templates/CLAUDE.md.template": PAGE_TEMPLATE,
  "agents/planning-agent/.claude/settings.json": oldSettings("planning-agent", ADDED["planning-agent"]),
  "agents/planning-agent/.claude/CLAUDE.md": oldPage("planning-agent"),
  "agents/backend-agent/.claude/settings.json": oldSettings("backend-agent", ADDED["backend-agent"]),
  "agents/backend-agent/.claude/CLAUDE.md": oldPage("backend-agent"),
  "agents/mem0/notes.md": "a folder nobody listed\n",
};
