// This repository's own fleet: the 26 agents of the original, rendered, held against golden files.
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { renderFleet } from "../../../src/input/template/render.ts";
import { readEntries, readFleet, readText } from "../../support/read-fleet.ts";

const STD = "Bash Edit Glob Grep Read Write";
const RESEARCH = "Glob Grep Read WebFetch WebSearch Write mcp__exasearch mcp__perplexity-ask mcp__ref";
const HOST = "Bash Edit Glob Grep Read WebFetch Write mcp__ref";
const PLANNING =
  "Bash Edit Glob Grep NotebookEdit Read SlashCommand Task TodoWrite WebFetch WebSearch Write mcp__chrome-devtools mcp__claude-reviewer mcp__exasearch mcp__github mcp__linear-server mcp__perplexity-ask mcp__ref mcp__supabase";
const T = "test/** tests/**";
const TS = "*.spec.* *.test.* test/** tests/**";

/** agent: tools | cannot_access, both sorted; as the original's table has them. */
const TABLE: Readonly<Record<string, readonly [tools: string, cannot: string]>> = {
  "backend-agent": [STD, "*.spec.* *.test.* frontend/** test/** tests/**"],
  "browser-agent": [`${STD} mcp__chrome-devtools`, T],
  "cadvisor-agent": [STD, T],
  "debug-agent": [STD, T],
  "devops-agent": [STD, T],
  "docker-agent": ["Bash Edit Glob Grep Read WebFetch Write", T],
  "frappe-erpnext-agent": ["Bash Edit Glob Grep Read Task Write", T],
  "frontend-agent": [STD, "*.spec.* *.test.* backend/** test/** tests/**"],
  "grafana-agent": ["Bash Edit Glob Grep Read WebFetch Write", T],
  "homelab-architect": [RESEARCH, "src/** tests/**"],
  "jupyter-agent": [STD, T],
  "onrate-agent": [STD, T],
  "planning-agent": [PLANNING, "src/** test/** tests/**"],
  "prometheus-agent": [STD, T],
  "qa-agent": [STD, ""],
  "researcher-agent": [RESEARCH, "src/** tests/**"],
  "seo-agent": [STD, "backend/** test/** tests/**"],
  "software-architect": [RESEARCH, "src/** tests/**"],
  "test-auditor-agent": ["Bash Glob Grep Read Task TodoWrite", "src/**"],
  "test-writer-agent": ["Bash Edit Glob Grep NotebookEdit Read Task TodoWrite Write", "backend/** frontend/** src/**"],
  "tracking-agent": [`${STD} mcp__linear-server`, ""],
  "traefik-agent": [STD, T],
  "traycer-agent": [`${STD} mcp__linear-server`, ""],
  "unifios-agent": [HOST, T],
  "unraid-agent": [HOST, T],
  "vllm-agent": [STD, T],
};

const sorted = (list: readonly string[] = []) => [...list].sort().join(" ");

describe("the registry of this repository", () => {
  const entries = readEntries();

  test("has the 26 agents of the original with their tools and closed paths", () => {
    const found = Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => [name, [sorted(entry.tools), sorted(entry.cannot_access)]]),
    );
    expect(found).toEqual(TABLE);
  });

  test("has the original's models, owner of the tests, delegates and display names", () => {
    const list = Object.values(entries);
    expect(list.filter((entry) => entry.model !== "opus").map((entry) => [entry.name, entry.model])).toEqual([
      ["tracking-agent", "haiku"],
    ]);
    expect(list.filter((entry) => entry.exclusive_access).map((entry) => entry.name)).toEqual(["test-writer-agent"]);
    expect(sorted(entries["test-writer-agent"]?.exclusive_access)).toBe(TS);
    expect(list.filter((entry) => entry.delegates_to).map((entry) => entry.name)).toEqual(["planning-agent"]);
    expect(sorted(entries["planning-agent"]?.delegates_to)).toBe(
      "backend-agent browser-agent debug-agent devops-agent frontend-agent researcher-agent seo-agent software-architect test-auditor-agent test-writer-agent tracking-agent",
    );
    for (const [name, entry] of Object.entries(entries)) {
      expect(entry.name).toBe(name);
      const words = name.split("-").map((word) => word[0]?.toUpperCase() + word.slice(1));
      expect(entry.display_name).toBe(words.join(" "));
    }
  });

  test("says of every agent what it does and what it never does, in sentences no other agent has", () => {
    const sentences = Object.values(entries).flatMap((entry) => {
      for (const list of [entry.responsibilities, entry.forbidden]) {
        expect(list.length).toBeGreaterThanOrEqual(3);
        expect(list.length).toBeLessThanOrEqual(5);
      }
      return [entry.description, ...entry.responsibilities, ...entry.forbidden];
    });
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  test("marks the pilot agents, and tells editors where its schema is", () => {
    const pilots = Object.values(entries).filter((entry) => entry.labels?.includes("pilot"));
    expect(pilots.map((entry) => entry.name)).toEqual(["backend-agent", "planning-agent", "researcher-agent"]);
    expect(readText("desired/registry.yaml").split("\n")[0]).toBe(
      "# yaml-language-server: $schema=../schema/registry.schema.json",
    );
  });
});

describe("fleet.yaml of this repository", () => {
  test("retires the original's folders, each with the agent that replaces it", () => {
    const fleet = parse(readText("desired/fleet.yaml")) as {
      retire: { archive: { dir: string; replaced_by: string }[]; delete: string[]; keep: string[] };
    };
    const { archive, delete: gone, keep } = fleet.retire;
    expect(archive.map((entry) => entry.dir).join(" ")).toBe(
      "action backend browser cadvisor debug devops docker erpnext frontend grafana homelab-arch jupyter onrate planning prometheus qa researcher seo software-arch test-auditor test-writer tracking traefik traycer unifios unraid vllm",
    );
    for (const { replaced_by } of archive) {
      for (const agent of replaced_by.split(", ")) expect(readEntries()).toHaveProperty([agent]);
    }
    expect(gone).toEqual(["totally-invalid-agent-xyz-999"]);
    expect(keep).toEqual(["archive", "aws-cli", "dragonfly", "fediverse", "k8s", "n8n", "nixos", "windows"]);
  });
});

describe("the fleet of this repository, rendered", () => {
  const golden = ["planning-agent", "qa-agent", "test-writer-agent", "tracking-agent"];

  test.each(golden)("%s gets exactly the files in the golden folder", async (name) => {
    const { fleet, diagnostics } = await renderFleet(readFleet());
    expect(diagnostics).toEqual([]);
    const agent = fleet?.agents.find((one) => one.name === name);
    expect(agent?.files.map((file) => [file.target, file.portable])).toEqual([
      [".claude/settings.json", true],
      [".claude/settings.local.json", false],
      [".claude/CLAUDE.md", true],
    ]);
    for (const file of agent?.files ?? []) {
      await expect(file.text).toMatchFileSnapshot(`fixtures/golden/${name}/${file.target.replace(".claude/", "")}`);
    }
  });

  test("no committed file names the machine, and every JSON text is what its value says", async () => {
    const { fleet } = await renderFleet(readFleet());
    const files = fleet?.agents.flatMap((agent) => agent.files) ?? [];
    expect(files).toHaveLength(78);
    for (const file of files) {
      if (file.portable) expect(file.text).not.toContain("/srv/newsroom");
      if (file.target.endsWith(".json")) expect(JSON.parse(file.text)).toEqual(file.json);
      expect(file.text.endsWith("\n")).toBe(true);
      expect(file.text).not.toMatch(/\r|\n{3,}|[ \t]\n/);
    }
  });

  test("the settings name the hook by the launch folder, block when it fails, and never use Write rules", async () => {
    const { fleet } = await renderFleet(readFleet());
    const agents = fleet?.agents ?? [];
    expect(agents).toHaveLength(26);
    for (const agent of agents) {
      const [settings, local] = agent.files;
      expect(settings?.json).toMatchObject({
        model: agent.model,
        disableAllHooks: false,
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
      });
      expect(local?.text).not.toContain("Write(");
      for (const { glob } of agent.deniedGlobs) {
        expect(local?.text).toContain(`Edit(//srv/newsroom/${glob.includes("/") ? "" : "**/"}${glob})`);
      }
    }
  });

  test("an agent with empty lists still reads well", async () => {
    const spec = readFleet();
    const bare = spec.agents.map((agent) => ({
      ...agent,
      tools: [],
      delegatesTo: [],
      cannotAccess: [],
      exclusiveAccess: [],
      responsibilities: [],
      forbidden: [],
      deniedGlobs: [],
    }));
    const { fleet } = await renderFleet({ ...spec, agents: bare.slice(0, 1) });
    const page = fleet?.agents[0]?.files[2]?.text ?? "";
    await expect(page).toMatchFileSnapshot("fixtures/golden/bare/CLAUDE.md");
    expect(page).not.toMatch(/\n{3,}|, *\n|``|: *\.|\(\)/);
  });
});
