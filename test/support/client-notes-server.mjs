// An MCP server with one tool that leaves a trace: `make_note` writes a file of that name into the folder it is given.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const folder = process.argv[2] ?? ".";

const TOOL = {
  name: "make_note",
  description: "Writes a note.",
  inputSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
};

function result({ method, params }) {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "notes", version: "1.0.0" },
      };
    case "tools/list":
      return { tools: [TOOL] };
    case "tools/call":
      writeFileSync(join(folder, params.arguments.name), "noted\n");
      return { content: [{ type: "text", text: "Noted." }] };
    default:
      return {};
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.id === undefined) continue;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: request.id, result: result(request) })}\n`);
}
