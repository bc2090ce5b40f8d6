// Moving over from the system before this one: its layout, its templates, its registry, and files it rendered long ago.
import { lstatSync } from "node:fs";
import { expect, test } from "vitest";
import { planShape, runShape } from "../support/documents.ts";
import { ADDED, ORIGINAL_FILES } from "../support/legacy-project.ts";
import { expectUntouched, openProject, type Project } from "../support/project-fixture.ts";
import { beforeImages } from "../support/shared-project.ts";

const AGENTS = ["backend-agent", "planning-agent", "test-writer-agent"];
const OLD = ["backend-agent", "planning-agent"].flatMap((agent) => [
  `config/${agent}/.claude/CLAUDE.md`,
  `config/${agent}/.claude/settings.json`,
]);

const moving = (more: Readonly<Record<string, string>> = {}): Project =>
  openProject({ files: { ...ORIGINAL_FILES, ...more } });

test("the layout is recognised: its registry and templates are valid as they are", async () => {
  const project = moving();
  const valid = await project.run(["validate"]);
  expect(valid.code, valid.stderr).toBe(0);
  expect(valid.stdout).toContain("3 agents");
  expect(valid.stderr).toMatch(/CLAUDE\.md\.template:7:31 warning W202 .*path of this machine/);
  const { TMUX_SOCKET_OVERRIDE: _, ...env } = project.env;
  const status = await project.run(["status", "--files-only", "-o", "json"], {
    env: { ...env, TMUX_SOCKET_OVERRIDE: undefined },
  });
  expect(status.json()).toMatchObject({ socket: "iw-orchestrator" });
});

test("its old files are unowned and shown with what would change; what is missing would be created", async () => {
  const project = moving();
  const text = await expectUntouched(project.root, () => project.run(["plan", "--files-only", "--detailed-exitcode"]));
  expect(text.code).toBe(3);
  for (const address of OLD) expect(text.stdout).toContain(`${address} unowned: it is there`);
  expect(text.stdout).toContain("-Built 2025-11-20T10:11:12Z");
  expect(text.stdout).toContain("+**Agent**: backend-agent, **model**: opus");
  expect(text.stdout).toContain('/projectInfo/description: "as it was in the spring" → "Builds the server side"');

  const planned = await project.run(["plan", "--files-only", "-o", "json"]);
  expect(planned.code).toBe(0);
  const plan = planShape.parse(planned.json());
  expect(plan.blocked.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual(
    OLD.map((address) => `unowned ${address}`),
  );
  expect(plan.blocked[0]?.hint).toContain(`rollcall adopt '${OLD[0]}'`);
  expect(plan.actions.map(({ address, action }) => `${action} ${address}`)).toEqual([
    "create config/test-writer-agent/.claude/CLAUDE.md",
    "create config/test-writer-agent/.claude/settings.json",
    "create hook/-/guard",
    ...AGENTS.map((agent) => `create hook/${agent}/auto-deny`),
  ]);
  expect(plan.unmanaged).toEqual(["agents/mem0"]);
});

test("an apply before the adoption creates what is missing, touches nothing old, and exits 3", async () => {
  const project = moving();
  const applied = await expectUntouched(project.path("agents/backend-agent/.claude/CLAUDE.md"), () =>
    project.run(["apply", "-y", "--files-only", "-o", "json"]),
  );
  expect(applied.code).toBe(3);
  const run = runShape.parse(applied.json());
  expect(run.converged).toBe(false);
  expect(run.outcomes).toHaveLength(6);
  expect(run.remaining.blocked.map((one) => one.address)).toEqual(OLD);
  for (const [path, text] of Object.entries(ORIGINAL_FILES)) expect(project.read(path)).toBe(text);
});

test("adopt changes no file; then one apply converges it, foreign content kept, the hook where its settings say", async () => {
  const project = moving();
  const adopted = await expectUntouched(project.root, () => project.run(["adopt", "-y", "-o", "json"]), {
    except: ["state", "agents/rollcall.lock.json"],
  });
  expect(adopted.code, adopted.stderr).toBe(0);
  const adoption = runShape.parse(adopted.json());
  expect(adoption.outcomes).toEqual(
    OLD.map((address) => ({ address, action: "adopt", result: "done", corrective: false })),
  );
  expect(adoption.remaining.blocked).toEqual([]);
  expect(adoption.remaining.actions).toHaveLength(10);
  const pending = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(pending).toMatchObject({ code: 2 });
  expect(pending.stdout).not.toContain("unowned");

  const applied = await project.run(["apply", "-y", "--files-only"]);
  expect(applied.code, applied.stdout).toBe(0);
  expect(applied.stdout).toContain("Converged.");
  for (const [agent, added] of Object.entries(ADDED)) {
    expect(JSON.parse(project.read(`agents/${agent}/.claude/settings.json`))).toMatchObject({
      ...added,
      projectInfo: { type: "workflow-agent" },
      hooks: { PreToolUse: [{ command: `${project.root}/agents/${agent}/.claude/hooks/auto-deny.py` }] },
    });
  }
  for (const agent of AGENTS) {
    expect(lstatSync(project.path(`agents/${agent}/.claude/hooks/auto-deny.py`)).mode & 0o100).toBe(0o100);
    expect(project.exists(`agents/${agent}/.claude/settings.local.json`)).toBe(false);
  }
  const page = project.read("agents/planning-agent/.claude/CLAUDE.md");
  expect(page).toMatch(/\*\*built\*\*: [0-9a-f]{12}$/m);
  expect(page).toContain('Splits work, says "who", and never writes code');
  expect(page).not.toContain("\\n");
  const images = beforeImages(project);
  for (const path of ["settings.json", "CLAUDE.md"]) {
    const old = `agents/planning-agent/.claude/${path}`;
    expect(images[old]).toBe(ORIGINAL_FILES[old]);
  }
  expect(project.read("agents/mem0/notes.md")).toBe("a folder nobody listed\n");

  const again = await expectUntouched(project.root, () => project.run(["apply", "-y", "--files-only"]));
  expect(again.code, again.stdout).toBe(0);
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
});

test("a change of one agent's model changes that agent's page, and no stamp of another (flaws 3 and 4)", async () => {
  const project = moving();
  await project.run(["apply", "-y", "--files-only", "--overwrite"]);
  project.edit("agents/registry.yaml", "model: haiku", "model: sonnet");
  const plan = planShape.parse((await project.run(["plan", "--files-only", "-o", "json"])).json());
  expect(plan.actions.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
    "pending config/test-writer-agent/.claude/CLAUDE.md",
  ]);
});

test("a flat hook that the client dropped is healed wherever it once pointed, when the template is sound", async () => {
  const settings = {
    hooks: {
      PreToolUse: [
        {
          matcher: "*",
          hooks: [{ type: "command", command: '"$CLAUDE_PROJECT_DIR"/.claude/hooks/auto-deny.py', onFailure: "block" }],
        },
      ],
    },
  };
  const template = "scripts/native-orchestrator/templates/settings.json.template";
  const project = moving({ [template]: JSON.stringify(settings, null, 2) });
  expect((await project.run(["adopt", "-y"])).code).toBe(0);
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  const written = JSON.parse(project.read("agents/backend-agent/.claude/settings.json"));
  expect(written.hooks).toEqual(settings.hooks);
  expect(written.env).toEqual({ PAGER: "less" });
});

test.each([
  ["registry", "agents/registry.yaml", "registry not found"],
  ["template", "scripts/native-orchestrator/templates/CLAUDE.md.template", "template not found"],
])("a missing %s is named with those words", async (_what, path, words) => {
  const project = moving();
  project.remove(path);
  const ran = await expectUntouched(project.root, () => project.run(["plan"]));
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain(`${words}: ${path}`);
});

test.each(["generate", "create"])("claude-agent %s of an unknown agent makes no folder (flaw 7)", async (verb) => {
  const project = moving();
  for (const name of ["nobody", "../outside"]) {
    const ran = await expectUntouched(project.root, () => project.run([verb, name], { command: "claude-agent" }));
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(`agent "${name}" not found in registry`);
  }
});
