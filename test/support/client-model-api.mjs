// A stand-in for the model behind the client, on loopback: it asks for the tool calls of a script, one after the other.
import { createServer } from "node:http";

/** Stands in the first prompt of the conversation that follows the script; no other conversation has it. */
export const CUE = "Follow the script, step by step.";

const blocks = ({ content }) => (typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []));
const textOf = (message) => blocks(message).flatMap((one) => (one.type === "text" ? [one.text] : []));

/**
 * What the model says next: the step after as many as have been answered; `onStep` is told its number before. A
 * conversation without the cue (a subagent, a title) gets a closing word, and its prompts are kept in `heard`.
 */
function answer({ messages = [] }, { script, heard, onStep }) {
  const said = messages.filter((message) => message.role === "user").flatMap(textOf);
  if (!said.some((text) => text.includes(CUE))) {
    heard.push(...said);
    return { type: "text", text: "Done." };
  }
  const answered = messages.flatMap(blocks).filter((one) => one.type === "tool_result").length;
  onStep(answered);
  const step = script[answered];
  if (!step) return { type: "text", text: "That was all." };
  return { type: "tool_use", id: `toolu_step_${answered}`, name: step.tool, input: step.input };
}

/** The events of a streamed message that holds one block. */
function events(model, block) {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const isCall = block.type === "tool_use";
  const message = { id: `msg_${block.id ?? "end"}`, type: "message", role: "assistant", model, content: [], usage };
  const begun = isCall ? { ...block, input: {} } : { ...block, text: "" };
  const delta = isCall
    ? { type: "input_json_delta", partial_json: JSON.stringify(block.input) }
    : { type: "text_delta", text: block.text };
  const stop = { stop_reason: isCall ? "tool_use" : "end_turn", stop_sequence: null };
  return [
    { type: "message_start", message: { ...message, stop_reason: null, stop_sequence: null } },
    { type: "content_block_start", index: 0, content_block: begun },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: stop, usage },
    { type: "message_stop" },
  ];
}

function respond(request, response, raw, play) {
  const path = (request.url ?? "").split("?")[0];
  const json = (code, value) => {
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (path === "/v1/messages/count_tokens") return json(200, { input_tokens: 1 });
  if (request.method !== "POST" || path !== "/v1/messages") return json(404, { type: "error" });
  const body = JSON.parse(raw);
  const block = answer(body, play);
  const all = events(body.model, block);
  if (!body.stream) {
    const { stop_reason, stop_sequence } = all.at(-2).delta;
    return json(200, { ...all[0].message, content: [block], stop_reason, stop_sequence });
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(all.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
}

/** Starts it on a free port. `heard` gets what conversations other than the scripted one were told. */
export async function startModelApi(play) {
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (bytes) => parts.push(bytes));
    request.on("end", () => respond(request, response, Buffer.concat(parts).toString(), play));
  });
  await new Promise((started) => server.listen(0, "127.0.0.1", started));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
