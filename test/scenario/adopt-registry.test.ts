// A registry out of the folders that are there: ours, the original's, and folders of which little can be told.
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { fleetFiles, registryText } from "../support/fleets.ts";
import { ORIGINAL_FILES } from "../support/legacy-project.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";

const entryShape = z.strictObject({
  name: z.string(),
  display_name: z.string(),
  description: z.string(),
  model: z.string(),
  tools: z.array(z.string()),
  delegates_to: z.array(z.string()).optional(),
  cannot_access: z.array(z.string()).optional(),
  exclusive_access: z.array(z.string()).optional(),
  responsibilities: z.array(z.string()).optional(),
  forbidden: z.array(z.string()).optional(),
  protect: z.boolean().optional(),
  dir: z.string().optional(),
  labels: z.array(z.string()).optional(),
});
type Entry = z.infer<typeof entryShape>;

function entriesIn(text: string): Record<string, Entry> {
  return z.object({ agents: z.record(z.string(), entryShape) }).parse(parse(text)).agents;
}

const sorted = (list: readonly string[] | undefined): string[] => [...(list ?? [])].sort();

/** What of an entry files can tell: sets without their order, absent lists as empty ones. */
function told({ labels: _, ...entry }: Entry) {
  return {
    ...entry,
    tools: sorted(entry.tools),
    delegates_to: sorted(entry.delegates_to),
    cannot_access: sorted(entry.cannot_access),
    exclusive_access: sorted(entry.exclusive_access),
    responsibilities: entry.responsibilities ?? [],
    forbidden: entry.forbidden ?? [],
  };
}

const REGISTRY = "desired/registry.yaml";

/** Takes the registry away, has one read from the folders, and demands that it is valid. */
async function readAnew(project: Project, registry = REGISTRY): Promise<Record<string, Entry>> {
  project.remove(registry);
  const adopted = await expectUntouched(project.root, () => project.run(["adopt", "--registry", "-y"]), {
    except: [registry],
  });
  expect(adopted.code, adopted.stderr).toBe(0);
  expect(adopted.stdout).toContain(`Wrote ${registry}`);
  const valid = await project.run(["validate"]);
  expect(valid.code, valid.stderr).toBe(0);
  return entriesIn(project.read(registry));
}

test("this repository's 26 agents come back from their folders, field by field", async () => {
  const project = openProject({ ownFleet: true });
  const before = entriesIn(project.read(REGISTRY));
  const after = await readAnew(project);
  expect(Object.keys(after)).toEqual(Object.keys(before).sort());
  for (const [name, entry] of Object.entries(before)) {
    expect(told(after[name] as Entry), name).toEqual(told(entry));
  }
  expect(project.read(REGISTRY)).not.toContain("TODO");
  // Rendered again, every portable file is what it was: nothing that matters was lost.
  const plan = (await project.run(["plan", "--portable", "-o", "json"])).json();
  const clean = openProject({ ownFleet: true });
  expect(plan["summary"]).toEqual((await clean.run(["plan", "--portable", "-o", "json"])).json()["summary"]);
});

const HARD = [
  {
    name: "planning-agent",
    tools: ["Read", "Task"],
    more: [
      "delegates_to: [tester]",
      'cannot_access: ["test/**", "src/**"]',
      `responsibilities: ["Say \\"who\\": it's yours", "Two: parts # no comment", "- a dash"]`,
      'forbidden: ["yes", "null", "12"]',
    ],
  },
  { name: "tester", model: "haiku", more: ['exclusive_access: ["test/**", "*.{test,spec}.ts"]', "protect: true"] },
  { name: "quiet-one", tools: [] },
];

describe("of a fleet of ours", () => {
  test("quotes, dashes, shared borders and promises survive", async () => {
    const project = openProject({ files: fleetFiles({ agents: HARD }) });
    expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
    const before = entriesIn(project.read(REGISTRY));
    const after = await readAnew(project);
    for (const [name, entry] of Object.entries(before)) expect(told(after[name] as Entry), name).toEqual(told(entry));
    // What is rendered from it is what lies there.
    const verified = await project.run(["verify", "--files-only"]);
    expect(verified.stdout).toBe("");
    expect(verified.code).toBe(0);
  });

  test("a renamed agent keeps its folder", async () => {
    const project = openProject({ files: fleetFiles({ agents: HARD }) });
    await project.run(["apply", "-y", "--files-only"]);
    const renamed = HARD.map((one) => (one.name === "quiet-one" ? { ...one, name: "calm-one" } : one));
    project.write(REGISTRY, `${registryText(renamed)}    renamed_from: quiet-one\n`);
    expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
    expect((await readAnew(project))["calm-one"]).toMatchObject({ name: "calm-one", dir: "quiet-one" });
  });

  test("without the hook the page tells, without both the gaps are named and valid", async () => {
    const project = openProject({ files: fleetFiles({ agents: HARD }) });
    await project.run(["apply", "-y", "--files-only"]);
    for (const agent of HARD) project.remove(`agents/${agent.name}/.claude/hooks`);
    const before = entriesIn(registryText(HARD));
    const after = await readAnew(project);
    for (const [name, entry] of Object.entries(before)) expect(told(after[name] as Entry), name).toEqual(told(entry));
    project.remove("agents/tester/.claude/CLAUDE.md");
    project.write("agents/tester/.claude/settings.json", "{ broken");
    const { tester } = await readAnew(project);
    expect(tester).toMatchObject({ display_name: "Tester", description: "TODO: what tester is for", model: "TODO" });
    expect(tester?.tools).toEqual([]);
    expect(project.read(REGISTRY)).toContain("  model: TODO # TODO: nothing told it: name the model");
    expect(project.read(REGISTRY)).toMatch(/^# 4 fields could not be told: look for TODO\.$/m);
  });
});

describe("of the original's layout", () => {
  /** The project as the old generator made it: every folder rendered through the old templates. */
  async function rendered(): Promise<Project> {
    const project = openProject({ files: ORIGINAL_FILES });
    expect((await project.run(["apply", "-y", "--files-only", "--overwrite"])).code).toBe(0);
    for (const name of ["backend-agent", "planning-agent", "test-writer-agent"]) {
      project.remove(`agents/${name}/.claude/hooks`);
    }
    rmSync(project.path("state"), { recursive: true });
    project.remove("agents/rollcall.lock.json");
    return project;
  }

  test("pages are read backwards through their template", async () => {
    const project = await rendered();
    const before = entriesIn(project.read("agents/registry.yaml"));
    const after = await readAnew(project, "agents/registry.yaml");
    for (const [name, entry] of Object.entries(before)) expect(told(after[name] as Entry), name).toEqual(told(entry));
    expect(project.read("agents/registry.yaml")).toContain("# Not taken: mem0 (it has no .claude folder).");
  });

  test("pages of another template are read by their headings, and old settings give the name", async () => {
    const project = await rendered();
    project.write(
      "agents/backend-agent/.claude/CLAUDE.md",
      [
        "# Backend Agent",
        "",
        "**Model**: sonnet",
        "",
        "Builds what users never see.",
        "",
        "## Responsibilities",
        "- Interfaces\\n- Data access",
        "## Forbidden Actions",
        "- Changing tests",
        "## Available Tools",
        "Bash, Read, mcp__github",
        "## Access Restrictions",
        "- `frontend/**`",
        "- the secrets of others",
        "## Delegation Rules",
        "- planning-agent",
        "- nobody-known",
      ].join("\n"),
    );
    const { "backend-agent": backend } = await readAnew(project, "agents/registry.yaml");
    expect(backend).toEqual({
      name: "backend-agent",
      display_name: "Backend Agent",
      description: "Builds the server side",
      model: "sonnet",
      tools: ["Bash", "Read", "mcp__github"],
      delegates_to: ["planning-agent"],
      cannot_access: ["frontend/**"],
      responsibilities: ["Interfaces", "Data access"],
      forbidden: ["Changing tests"],
    });
    expect(project.read("agents/registry.yaml")).toContain("# TODO: delegates_to named nobody-known");
  });
});

describe("it never writes over anything", () => {
  const files = fleetFiles();

  test("a registry that is there is left, and what would be written is printed", async () => {
    const project = openProject({ files });
    await project.run(["apply", "-y", "--files-only"]);
    const printed = await expectUntouched(project.root, () => project.run(["adopt", "--registry", "-y"]));
    expect(printed.code).toBe(0);
    expect(Object.keys(entriesIn(printed.stdout))).toEqual(["backend-agent", "planning-agent"]);
    expect(printed.stderr).toContain(`${REGISTRY} is there and is left as it is`);
  });

  test("--out writes a new file, once", async () => {
    const project = openProject({ files });
    await project.run(["apply", "-y", "--files-only"]);
    const out = ["adopt", "--registry", "--out", "found.yaml"];
    expect((await project.run(out)).code).toBe(0);
    expect(Object.keys(entriesIn(project.read("found.yaml")))).toHaveLength(2);
    const again = await expectUntouched(project.root, () => project.run(out));
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("E343");
  });

  test("without -y and a terminal it prints, writes nothing and exits 64", async () => {
    const project = openProject({ files });
    await project.run(["apply", "-y", "--files-only"]);
    project.remove(REGISTRY);
    const asked = await expectUntouched(project.root, () => project.run(["adopt", "--registry"]));
    expect(asked.code).toBe(64);
    expect(Object.keys(entriesIn(asked.stdout))).toHaveLength(2);
    const json = await expectUntouched(project.root, () => project.run(["adopt", "--registry", "-o", "json"]));
    expect(json.code).toBe(64);
    expect(json.json()).toMatchObject({ kind: "registry", path: null, agents: [{ name: "backend-agent" }, {}] });
  });

  test.each([
    ["an address beside it", ["adopt", "--registry", "config/x/y"], 64, "takes no addresses"],
    ["--out alone", ["adopt", "--out", "x.yaml"], 64, "--out goes with --registry"],
    ["a project without folders", ["adopt", "--registry", "-y"], 1, "E344"],
  ])("%s is refused", async (_what, words, code, message) => {
    const project = openProject({ files });
    project.remove(REGISTRY);
    const refused = await expectUntouched(project.root, () => project.run(words));
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(message);
  });
});

test("hostile and odd folders: nothing breaks, and what is written is valid", async () => {
  const project = openProject({ files: fleetFiles() });
  project.remove(REGISTRY);
  const odd = (folder: string, page: string, settings = "{}") => {
    project.write(`agents/${folder}/.claude/CLAUDE.md`, page);
    project.write(`agents/${folder}/.claude/settings.json`, settings);
  };
  odd("Big.Name", '# \u001b[31mred\u202e\n\nText with : and # and "quotes"\n\n## Tools\n- `a: b`\n- `{x}`\n');
  odd("big-name", "# same name, nearly\n\n## Delegation\n- `big-name`\n- `big-name-2`\n");
  odd("twin", "# Twin\n\n**Name**: big-name\n\n## Exclusive Access\n- src/**\n");
  odd("twin-2", "# Twin\n\n## Exclusive Access\n- src/**\n", '["no", "object"]');
  odd("proto", "# __proto__\n\n## Responsibilities\n- constructor\n", '{"__proto__": {"model": "x"}, "model": 5}');
  odd("with space", "# never an agent\n");
  project.write("agents/broken/.claude", "a file\n");
  project.write("agents/bytes/.claude/CLAUDE.md", "\u0000\uffff# x\n");
  const entries = await readAnew(project);
  expect(Object.keys(entries)).toEqual(["big-name", "big-name-2", "bytes", "proto", "twin", "twin-2"]);
  expect(Object.values(entries).filter((one) => one.exclusive_access)).toHaveLength(1);
  expect(project.read(REGISTRY)).toContain("# Not taken: with space");
  expect(project.read(REGISTRY)).not.toMatch(/[\u0000-\u0009\u001b\u202e]/);
});
