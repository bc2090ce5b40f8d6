// The original system's command line, `claude-agent`, over the same engine: its verbs, its words.

import { main } from "./cli/main.ts";
import { claudeAgentProgram } from "./legacy/claude-agent.ts";

void main(claudeAgentProgram);
