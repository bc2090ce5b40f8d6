// The spec and the client's own settings are closed to every agent, and so are the commands that would get round that.
import { COMMANDS, LOOKING } from "./forbidden-commands.ts";

interface ToolCase {
  readonly agent: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

interface BashCases {
  readonly agent: string;
  readonly cwd: string;
  readonly commands: readonly string[];
}

/** Relative to the root, or from `$HOME`: closed by every tool. */
const CLOSED: readonly string[] = [
  "$ROOT/desired/registry.yaml",
  "$ROOT/desired/fleet.yaml",
  "$ROOT/desired/new/more.yaml",
  "$ROOT/desired",
  "$ROOT/src/../desired/registry.yaml",
  "$ROOT/../elsewhere/shop-link/desired/registry.yaml",
  "$ROOT/templates/CLAUDE.md",
  "$ROOT/templates/new.md",
  "$ROOT/rollcall.config.yaml",
  "$ROOT/rollcall.config.yml",
  "$ROOT/state/ledger.json",
  "$ROOT/agents/rollcall.lock.json",
  "$ROOT/agents/.rollcall/guard-0123456789ab",
  "$ROOT/agents/.rollcall/node.local.path",
  "$ROOT/agents/CLAUDE.md",
  "$ROOT/agents/qa-agent/CLAUDE.md",
  "$ROOT/agents/qa-agent/notes.md",
  "$ROOT/agents/backend-agent-two/notes.md",
  "$ROOT/agents/archive/old/notes.md",
  "$ROOT/agents/backend-agent/.mcp.json",
  "$ROOT/agents/backend-agent/.claude/CLAUDE.md",
  "$ROOT/agents/backend-agent/../qa-agent/CLAUDE.md",
  "$ROOT/.claude/settings.json",
  "$ROOT/.claude/commands/x.md",
  "$ROOT/CLAUDE.md",
  "$ROOT/CLAUDE.local.md",
  "$ROOT/.mcp.json",
  "$ROOT/.git/hooks/pre-commit",
  "$ROOT/.git/config",
  "$ROOT/src/way-to-desired/registry.yaml",
  "$HOME/.claude/settings.json",
  "$HOME/.claude/settings.local.json",
  "$HOME/.claude/hooks/x.sh",
  "$HOME/.claude/plugins/x/plugin.json",
  "$HOME/.claude.json",
  "~/.claude.json",
  "/etc/claude-code/managed-settings.json",
  "/etc/claude-code/managed-settings.d/x.json",
];

const OPEN: readonly string[] = [
  "$ROOT/agents/backend-agent/notes.md",
  "$ROOT/agents/backend-agent/CLAUDE.md",
  "$ROOT/agents/backend-agent/deep/agents/x.md",
  "$ROOT/src/desired/x.ts",
  "$ROOT/src/templates/mail.html",
  "$ROOT/src/agents/x.ts",
  "$ROOT/docs/CLAUDE.md",
  "$ROOT/src/.mcp.json",
  "$ROOT/desired.md",
  "$ROOT/templates2/x",
  "$ROOT/rollcall.config",
  "$ROOT/.git/info/exclude",
  "$ROOT/.gitignore",
  "$HOME/.claude/plans/plan.md",
  "$HOME/.claude/projects/x/memory/MEMORY.md",
  "/etc/claude-codex/x",
];

const write = (path: string, tool: string): ToolCase => ({
  agent: "backend-agent",
  tool,
  input: { file_path: path, content: "x" },
});

export const SPEC_REFUSED: readonly ToolCase[] = [
  ...CLOSED.flatMap((path) => [write(path, "Write"), write(path, "Edit")]),
  { agent: "planning-agent", tool: "NotebookEdit", input: { notebook_path: "$ROOT/templates/x.ipynb" } },
  { agent: "qa-agent", tool: "Write", input: { file_path: "$ROOT/desired/registry.yaml" } },
  { agent: "qa-agent", tool: "Write", input: { file_path: "../backend-agent/x.md" }, cwd: "agents/qa-agent" },
  ...["desired/registry.yaml", "agents/qa-agent/x", ".git/hooks/x", "CLAUDE.md"].map((path): ToolCase => {
    return { agent: "planning-agent", tool: "mcp__github__write_local", input: { path: `$ROOT/${path}` } };
  }),
  { agent: "planning-agent", tool: "mcp__github__write_local", input: { path: "/etc/claude-code/x.json" } },
];

export const SPEC_ALLOWED: readonly ToolCase[] = [
  ...OPEN.flatMap((path) => [write(path, "Write"), write(path, "Edit")]),
  ...["desired/registry.yaml", "templates/CLAUDE.md", "rollcall.config.yaml", "agents/qa-agent/CLAUDE.md"].map(
    (path): ToolCase => ({ agent: "backend-agent", tool: "Read", input: { file_path: `$ROOT/${path}` } }),
  ),
  { agent: "backend-agent", tool: "Grep", input: { pattern: "x", path: "$ROOT/desired" } },
];

const IN_ROOT: readonly string[] = [
  "sed -i '/cannot_access/d' desired/registry.yaml",
  "echo x >> desired/registry.yaml",
  "rm -rf desired",
  "mv templates /tmp/t",
  "cp /tmp/x templates/settings.json",
  "cat > rollcall.config.yaml <<'EOF'\nagents: /tmp\nEOF",
  "rm rollcall.conf*",
  "python3 -c \"open('desired/registry.yaml','a').write('x')\"",
  "node -e \"require('fs').writeFileSync('templates/CLAUDE.md','x')\"",
  "D=desired; sed -i s/a/b/ $D/registry.yaml",
  "cd desired && sed -i s/a/b/ registry.yaml",
  "git checkout HEAD~1 -- desired",
  "echo x > agents/qa-agent/CLAUDE.md",
  "rm -rf agents/qa-agent",
  "rm -rf agents",
  "tee agents/*/CLAUDE.md < /dev/null",
  "echo '{}' > .mcp.json",
  "echo x >> CLAUDE.md",
  "mkdir -p .claude/commands",
  "printf '#!/bin/sh\\ntouch tests/x\\n' > .git/hooks/pre-commit",
  "chmod +x .git/hooks/pre-commit",
  "cp /tmp/config .git/config",
  "git config core.hooksPath /tmp/hooks",
  "git config set core.hooksPath /tmp/hooks",
  "git config --local core.fsmonitor 'touch tests/x'",
  "git config --global alias.st '!touch tests/x'",
  "git config --add filter.x.clean 'touch tests/x'",
  "git -C src config core.sshCommand 'touch tests/x'",
  "git config --edit",
  "git config -f desired/registry.yaml a.b c",
  "find desired -name '*.yaml' -exec sed -i s/a/b/ {} +",
  "find desired -name '*.yaml' | xargs sed -i s/a/b/",
  "echo '{\"disableAllHooks\":true}' > /etc/claude-code/managed-settings.json",
  "python3 -c \"open('/etc/claude-code/managed-settings.json','w').write('{}')\"",
  "echo x > ~/.claude.json",
  "rm -rf ~/.claude/hooks",
];

const ORDINARY: readonly string[] = [
  "cat desired/registry.yaml",
  "grep -rn cannot_access desired templates",
  "cp desired/registry.yaml /tmp/registry.yaml",
  "sed -n 1,20p desired/registry.yaml",
  "cat CLAUDE.md .mcp.json",
  "ls -la .git/hooks .claude",
  "git config --get user.name",
  "git config --list",
  "git config user.email a@b.c",
  "git config set user.email a@b.c",
  "git config pull.rebase true",
  "git config core.hooksPath",
  "git config get core.hooksPath",
  "git diff -- desired",
  "git log --oneline -- agents/qa-agent",
  "mkdir -p src/templates src/agents",
  "touch src/templates/x.html",
  "rm -rf src/agents/old",
  'for f in src/agents/*.ts; do sed -i s/a/b/ "$f"; done',
  "grep -rl foo src/agents | xargs sed -i s/foo/bar/",
  "for f in $(grep -rl foo src/templates); do sed -i s/foo/bar/ $f; done",
  "echo 'see desired/registry.yaml and agents/' > docs/notes.md",
  "python3 -c \"print(open('desired/registry.yaml').read())\"",
  "cp -r templates /tmp/templates",
  "git commit -m 'describe the agents and templates'",
];

const AT_HOME: readonly string[] = [
  "echo x > notes.md",
  "mkdir -p scratch && echo x > scratch/a.txt",
  "rm -rf scratch",
  "rm -f *.log",
  'for f in *.txt; do mv "$f" done-$f; done',
  "find scratch -name '*.txt' | xargs rm -f",
  "cat ../qa-agent/CLAUDE.md",
  "cp ../qa-agent/CLAUDE.md notes.md",
  "X=$(mktemp -d); cp notes.md $X/",
];

export const SPEC_HOSTILE: readonly BashCases[] = [
  { agent: "backend-agent", cwd: ".", commands: [...IN_ROOT, ...COMMANDS] },
  { agent: "qa-agent", cwd: ".", commands: [...IN_ROOT.slice(0, 12), ...COMMANDS.slice(0, 4)] },
  {
    agent: "backend-agent",
    cwd: "agents/backend-agent",
    commands: [
      "echo x > ../qa-agent/notes.md",
      "cp notes.md ../qa-agent/",
      "echo '{}' > .mcp.json",
      "rm -rf ../archive",
      "sed -i s/a/b/ ../../desired/registry.yaml",
      "echo x > ../.rollcall/node.local.path",
      "touch ../new-agent",
    ],
  },
];

export const SPEC_ORDINARY: readonly BashCases[] = [
  { agent: "backend-agent", cwd: ".", commands: [...ORDINARY, ...LOOKING] },
  { agent: "backend-agent", cwd: "agents/backend-agent", commands: [...AT_HOME, ...LOOKING.slice(0, 5)] },
];
