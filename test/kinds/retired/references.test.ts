// Who still names a folder that is to leave: shown as file:line, and in the way when it is code or configuration.
import { describe, expect, test } from "vitest";
import { RetiredFixture } from "../../support/retired-fixture.ts";

const LEAVING = {
  "agents/planning/README.md": "I live in agents/planning\n",
  "agents/backend/x.md": "see agents/planning\n",
};
const archive = { planning: "planning-agent", backend: undefined };

describe.each([
  ["in a git repository", true],
  ["without git", false],
])("references %s", (_, git) => {
  test("in prose are shown, and do not stand in the way", async () => {
    const fixture = new RetiredFixture({
      files: { ...LEAVING, "docs/tour.md": "# Tour\n\nSee `agents/planning/`.\n" },
      archive,
      git,
    });
    const { plan } = await fixture.plan();
    const action = plan.actions.find(({ address }) => address === "retired/-/planning");
    expect(action?.reason).toContain("docs/tour.md:3");
    expect(action?.changes).toContainEqual({
      path: "reference docs/tour.md:3",
      before: "agents/planning",
      after: "agents/archive/v1-legacy/planning",
    });
    expect(plan.blocked).toEqual([]);
  });

  test("in code and configuration block the move until it is forced", async () => {
    const files = {
      ...LEAVING,
      "scripts/spawn.sh": "#!/bin/sh\nset -e\ncd ../agents/planning && exec claude\n",
      "src/paths.ts": 'export const home = join(root, "agents", "planning");\n',
      "src/more.ts": "export const home = `${root}/agents/planning/x`;\n",
      crontab: "0 * * * * /home/ada/fleet-2/agents/planning/run\n",
      ".github/workflows/ci.yml": "run: ls $GITHUB_WORKSPACE/agents/planning/\n",
    };
    const fixture = new RetiredFixture({ files, archive, git });
    const blocked = await fixture.apply();
    expect(blocked.remaining.blocked).toMatchObject([
      {
        address: "retired/-/planning",
        verdict: "pending",
        reason:
          "agents/planning is still used: .github/workflows/ci.yml:1, crontab:1, scripts/spawn.sh:3, src/more.ts:1, src/paths.ts:1",
      },
    ]);
    expect(blocked.remaining.blocked[0]?.hint).toContain("--force");
    expect(fixture.read("agents/planning/README.md")).toContain("I live");
    expect(await fixture.apply({ force: true })).toMatchObject({ converged: true });
    expect(fixture.read("agents/archive/v1-legacy/planning/README.md")).toContain("I live");
  });

  test("are only those to this very folder", async () => {
    const files = {
      ...LEAVING,
      "src/others.ts": [
        'export const agent = "agents/planning-agent/.claude";',
        'export const page = "docs/agents/planning/planning-agent.md";',
        "export const theirs = `${tef}/docs/agents/planning/planning-agent.md $TEF/docs/agents/planning`;",
        'export const text = "agents/planning.md";',
        'export const mine = "my-agents/planning";',
        'export const kept = "agents/archive/v1-legacy/planning";',
      ].join("\n"),
      "friday.plan.json": '{\n  "kind": "plan",\n  "formatVersion": "1.0",\n  "x": "agents/planning"\n}\n',
      "state/runs/1.json": '"agents/planning"',
      "node_modules/tool/index.js": '"agents/planning"',
      "desired/fleet.yaml": "# agents/planning goes\n",
      "agents/rollcall.lock.json": '"agents/planning/x"',
      "picture.bin": "agents/planning\0",
    };
    const fixture = new RetiredFixture({
      files: git ? { ...files, ".gitignore": "node_modules\n" } : files,
      archive,
      git,
    });
    const { plan } = await fixture.plan();
    expect(plan.blocked).toEqual([]);
    expect(plan.actions.map(({ changes }) => changes.length)).toEqual([1, 1]);
  });
});

test("what people write about the folder does not change what a saved plan was made from; code does", async () => {
  const fixture = new RetiredFixture({ files: LEAVING, archive });
  const basis = async (): Promise<string | undefined> =>
    (await fixture.plan()).plan.basis.observed["retired/-/planning"];
  const first = await basis();
  fixture.write("plan.txt", "agents/planning goes to the archive\n");
  expect(await basis()).toBe(first);
  fixture.write("run.sh", "ls agents/planning\n");
  expect(await basis()).not.toBe(first);
});

test("a repository that GIT_DIR names is not the one that is searched", async () => {
  const other = new RetiredFixture({ files: { "a.ts": "nothing\n" }, git: true });
  const fixture = new RetiredFixture({ files: { ...LEAVING, "run.sh": "ls agents/planning\n" }, archive, git: true });
  process.env["GIT_DIR"] = `${other.root}/.git`;
  try {
    expect((await fixture.plan()).plan.blocked[0]?.reason).toContain("run.sh:1");
  } finally {
    delete process.env["GIT_DIR"];
  }
});
