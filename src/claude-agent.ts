// The original system's command line, `claude-agent`, over the same engine: its verbs, its words.
import { claudeAgentProgram } from "./commands/claude-agent.ts";
import { main } from "./commands/main.ts";

void main(claudeAgentProgram);
