// What is no difference: order, layout and what others put into a settings file. It stays, byte for byte.
import { expect, test } from "vitest";
import { fleetFiles } from "../support/fleets.ts";
import { expectUntouched, type Project, snapshot } from "../support/project-fixture.ts";
import { convergedProject } from "../support/shared-project.ts";

const SETTINGS = "agents/backend-agent/.claude/settings.json";
const LOCAL = "agents/backend-agent/.claude/settings.local.json";
const fleet = convergedProject({ files: fleetFiles() });

type Value = Readonly<Record<string, unknown>>;
const parsed = (project: Project, path: string): Value => JSON.parse(project.read(path));
const reversed = (value: Value): Value => Object.fromEntries(Object.entries(value).reverse());

const CASES: readonly (readonly [what: string, change: (project: Project) => void])[] = [
  [
    "another order of an agent's tools in the registry",
    (project) => project.edit("desired/registry.yaml", "[Read, Write, Edit]", "[Edit, Read, Write]"),
  ],
  [
    "another order of the agents in the registry",
    (project) => {
      const [head = "", planner = "", backend = ""] = project.read("desired/registry.yaml").split(/^(?= {2}\w)/m);
      project.write("desired/registry.yaml", head + backend + planner);
    },
  ],
  [
    "another order of the keys",
    (project) => {
      const value = parsed(project, SETTINGS);
      const permissions = reversed(value["permissions"] as Value);
      project.write(SETTINGS, `${JSON.stringify(reversed({ ...value, permissions }), null, 2)}\n`);
    },
  ],
  ["indentation by tabs", (project) => project.write(SETTINGS, JSON.stringify(parsed(project, SETTINGS), null, "\t"))],
  ["all in one line", (project) => project.write(SETTINGS, JSON.stringify(parsed(project, SETTINGS)))],
  ["line ends of Windows", (project) => project.write(SETTINGS, project.read(SETTINGS).replaceAll("\n", "\r\n"))],
  [
    "a foreign key",
    (project) => project.write(SETTINGS, JSON.stringify({ ...parsed(project, SETTINGS), cleanupPeriodDays: 30 })),
  ],
  [
    "a foreign key that the client wrote into the local settings",
    (project) => {
      const value = parsed(project, LOCAL);
      const enabledMcpjsonServers = ["linear"];
      project.write(LOCAL, `${JSON.stringify({ enabledMcpjsonServers, ...value }, null, 4)}\n`);
    },
  ],
  [
    "a foreign hook and a foreign rule beside ours",
    (project) => {
      const value = parsed(project, SETTINGS);
      const permissions = value["permissions"] as { readonly deny: readonly string[] };
      const hooks = {
        ...(value["hooks"] as Value),
        Stop: [{ hooks: [{ type: "command", command: "notify-send done" }] }],
      };
      const deny = ["WebFetch", ...permissions.deny];
      project.write(SETTINGS, JSON.stringify({ ...value, hooks, permissions: { ...permissions, deny } }, null, 2));
    },
  ],
];

test.each(CASES)("%s is no difference, and an apply leaves it as it is", async (_what, change) => {
  const project = fleet();
  change(project);
  const plan = await project.run(["plan", "--files-only", "--detailed-exitcode"]);
  expect(plan.code, plan.stdout).toBe(0);
  expect(plan.stdout).toContain("No differences");
  const apply = await expectUntouched(project.path("agents"), () => project.run(["apply", "-y", "--files-only"]));
  expect(apply.code, apply.stdout).toBe(0);
});

test("healing one key leaves a person's layout, order and keys as they were, to the byte", async () => {
  const project = fleet();
  const value = { ...reversed(parsed(project, SETTINGS)), cleanupPeriodDays: 30, env: { PAGER: "less" } };
  const mine = JSON.stringify(value, null, 3).replaceAll(": ", " :  ");
  project.write(SETTINGS, mine.replace('"opus"', '"haiku"'));
  const apply = await project.run(["apply", "-y", "--files-only"]);
  expect(apply.code, apply.stdout).toBe(0);
  expect(project.read(SETTINGS)).toBe(mine);
});

test("a key somebody added is kept when the registry changes another", async () => {
  const project = fleet();
  const mine = JSON.stringify({ cleanupPeriodDays: 30, ...parsed(project, SETTINGS) }, null, "\t");
  project.write(SETTINGS, mine);
  project.write("desired/registry.yaml", project.read("desired/registry.yaml").replaceAll("opus", "haiku"));
  expect((await project.run(["apply", "-y", "--files-only"])).code).toBe(0);
  expect(project.read(SETTINGS)).toBe(mine.replace('"opus"', '"haiku"'));
});

test("a key we stop rendering goes where it still has our value, and stays where it was changed", async () => {
  const project = fleet();
  const other = SETTINGS.replace("backend", "planning");
  project.edit(other, '"acceptEdits"', '"plan"');
  const template = JSON.parse(project.read("templates/settings.json"));
  delete template.permissions.defaultMode;
  project.write("templates/settings.json", JSON.stringify(template, null, 2));
  const apply = await project.run(["apply", "-y", "--files-only"]);
  expect(apply.code, apply.stdout + apply.stderr).toBe(0);
  expect(parsed(project, SETTINGS)["permissions"]).not.toHaveProperty("defaultMode");
  expect(parsed(project, other)["permissions"]).toHaveProperty("defaultMode", "plan");
  expect((await project.run(["plan", "--files-only", "--detailed-exitcode"])).code).toBe(0);
});

test("looking changes nothing at all, not even a time", async () => {
  const project = fleet();
  project.write("agents/backend-agent/.claude/CLAUDE.md", "tampered\n");
  const before = snapshot(project.root);
  for (const args of [["plan", "--files-only"], ["verify", "--files-only"], ["status", "--files-only"], ["validate"]]) {
    await project.run(args);
  }
  expect(snapshot(project.root)).toEqual(before);
});
