// Every bad input of the spec's corpus through the built command, beside a live session: exit 1, place, words and way
// out; nothing written, nothing run, the session untouched, in little memory.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FIELDS } from "../../support/bad-fields.ts";
import { FILES } from "../../support/bad-files.ts";
import type { BadInput } from "../../support/bad-inputs.ts";
import { PATHS } from "../../support/bad-paths.ts";
import { TEMPLATE_INPUTS } from "../../support/bad-templates.ts";
import { errorShape } from "../../support/documents.ts";
import { expectUntouched, makeProject, type Project, type Ran } from "../../support/project-fixture.ts";
import { type Files, PLANNER, registry, TEMPLATES } from "../../support/spec-fixture.ts";

const STACK = /^\s+at |node:internal|\.mjs:\d+/m;
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;
/** What it may need of the heap, in MiB: files that would explode are refused before they do. */
const LITTLE_MEMORY = { NODE_OPTIONS: "--max-old-space-size=100" };
const SPEC = ["desired", "templates", "rollcall.config.yaml"] as const;

let project: Project;
let close: () => void;
let kept: string;
let sessions: string;

beforeAll(async () => {
  ({ project, close } = makeProject());
  put(TEMPLATES);
  put({
    "desired/registry.yaml": registry(PLANNER),
    "rollcall.config.yaml": "session: { command: [sleep, '100000'] }\n",
  });
  const applied = await project.run(["apply", "-y"]);
  expect(applied.code, applied.stderr).toBe(0);
  sessions = portrait();
  kept = mkdtempSync(join(tmpdir(), "rollcall-kept-"));
  for (const name of SPEC) cpSync(project.path(name), join(kept, name), { recursive: true });
});
beforeEach(() => {
  for (const name of SPEC) {
    project.remove(name);
    cpSync(join(kept, name), project.path(name), { recursive: true });
  }
});
afterAll(() => {
  close();
  rmSync(kept, { recursive: true, force: true });
});

/** The sessions as tmux tells them: who they are, their processes, and since when. */
function portrait(): string {
  const fields = ["session_id", "session_name", "session_created", "pane_id", "pane_pid", "pane_dead"];
  return project.tmux(["list-panes", "-a", "-F", fields.map((field) => `#{${field}}`).join(" ")]);
}

function put(files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(project.path(name)), { recursive: true });
    writeFileSync(project.path(name), content);
  }
}

/** Demands that an apply is refused and that nothing came of it. Printed as JSON, and as text where that is asked for. */
async function refused(asText: boolean): Promise<readonly [json: Ran, text: Ran | undefined]> {
  const apply = (...more: string[]): Promise<Ran> => project.run(["apply", "-y", ...more], { env: LITTLE_MEMORY });
  const asked = [apply("-o", "json"), ...(asText ? [apply()] : [])];
  const [json, text] = await expectUntouched(project.root, () => Promise.all(asked));
  if (!json) return expect.fail("nothing was run");
  expect(json, json.stderr).toMatchObject({ code: 1, stderr: "" });
  if (text) expect(text, text.stderr).toMatchObject({ code: 1, stdout: "" });
  for (const printed of [json.stdout, text?.stderr ?? ""]) {
    expect(printed).not.toMatch(STACK);
    expect(printed).not.toMatch(UNSAFE);
  }
  expect(portrait()).toBe(sessions);
  return [json, text];
}

/** `*` stands for any number. */
const placed = (place: string): unknown =>
  place.includes("*") ? expect.stringMatching(new RegExp(`^${place.replace("*", "\\d+")}$`)) : place;

/** Codes that were seen as text: how a diagnostic is printed depends on nothing else. */
const seen = new Set<string>();

async function expectTold({ errors, message, hint, related }: BadInput): Promise<void> {
  const isNew = errors.some((place) => !seen.has(place.slice(-4)));
  for (const place of errors) seen.add(place.slice(-4));
  const [json, text] = await refused(isNew);
  const { diagnostics } = errorShape.parse(json.json());
  const found = diagnostics.filter(({ severity }) => severity === "error");
  for (const { file, line, col, code } of text ? found : [])
    expect(text?.stderr).toContain(`${file}:${line}:${col} error ${code} `);
  // The spec's rows say nothing of templates: what is wrong in one is told besides.
  const inTemplates = errors.some((place) => place.startsWith("templates/"));
  const places = found
    .map(({ file, line, col, code }) => `${file}:${line}:${col} ${code}`)
    .filter((place) => inTemplates || !place.startsWith("templates/"));
  // A bomb is a row of anchors and aliases: the first of them is what is asserted.
  expect(places.slice(0, errors.length)).toEqual(errors.map(placed));
  if (errors.length > 1 || !places[0]?.includes("E112")) expect(places).toHaveLength(errors.length);
  expect(found.length).toBeLessThanOrEqual(51);
  if (message !== undefined) expect(found[0]?.message).toMatch(message);
  if (hint !== undefined) expect(found.map((each) => each.hint ?? "").join("\n")).toMatch(hint);
  if (related === undefined) return;
  const second = found.flatMap((each) => each.related ?? []).map(({ file, line, col }) => `${file}:${line}:${col}`);
  expect(second).toEqual(related);
}

describe.each([
  { part: "files", rows: FILES },
  { part: "fields", rows: FIELDS },
  { part: "paths", rows: PATHS },
  { part: "templates", rows: TEMPLATE_INPUTS },
])("what is wrong with $part", ({ rows }) => {
  test.each(rows)("row $row: $input", async (row) => {
    row.prepare?.({ root: project.root, path: project.path, put });
    put(row.files ?? {});
    await expectTold(row);
    expect(existsSync(project.path("x")) || existsSync("/x")).toBe(false);
  });
});

test("sixty mistakes at once: fifty are told and the rest is counted (general rule)", async () => {
  const many = Array.from({ length: 60 }, (_, index) => ({ name: `agent-${index}`, lines: ["colour: blue"] }));
  put({ "desired/registry.yaml": registry(...many) });
  const [json, text] = await refused(true);
  const found = errorShape.parse(json.json()).diagnostics.filter(({ severity }) => severity === "error");
  expect(found).toHaveLength(51);
  expect(found.at(-1)?.message).toMatch(/10 more/);
  expect(text?.stderr).toMatch(/10 more/);
});
