// The laws of every kind, held against `config` in each of its three ways to own a file.
import { config } from "../../../src/kinds/config/index.ts";
import { ConfigFixture, MEMORY_FILE, PLANNER, rendered, SETTINGS_FILE } from "../../support/config-fixture.ts";
import { kindLaws } from "../../support/kind-laws.ts";

kindLaws({
  kind: config,
  cases: {
    "settings shared with the client": () => {
      const desk = new ConfigFixture();
      return desk.law(() => desk.write(SETTINGS_FILE, { ...PLANNER, model: "haiku", theme: "dark" }));
    },
    "settings in a folder where the client has already written": () => {
      const desk = new ConfigFixture();
      desk.write(SETTINGS_FILE, '{"theme":"dark","permissions":{"allow":["Bash(ls)"]}}');
      return desk.law(() => desk.write(SETTINGS_FILE, "{ // torn"));
    },
    "settings that somebody emptied": () => {
      const desk = new ConfigFixture();
      return desk.law(() => desk.write(SETTINGS_FILE, ""));
    },
    "a memory file that is ours whole": () => {
      const desk = new ConfigFixture({ files: [rendered(".claude/CLAUDE.md", "# Planning\n\nPlan.\n", "whole")] });
      return desk.law(() => desk.write(MEMORY_FILE, "# Mine now\n"));
    },
    "a block in a person's memory file": () => {
      const desk = new ConfigFixture({ files: [rendered(".claude/CLAUDE.md", "Plan first.\n", "block")] });
      desk.write(MEMORY_FILE, "# My own notes\r\n\r\nno line end");
      return desk.law(() => desk.write(MEMORY_FILE, desk.read(MEMORY_FILE).replace("Plan first.", "Do not plan.")));
    },
    "an executable whose mode somebody took": () => {
      const desk = new ConfigFixture({ files: [rendered("bin/run.sh", "#!/bin/sh\n", "whole", "0755")] });
      return desk.law(() => desk.write("agents/planning-agent/bin/run.sh", "#!/bin/sh\n", 0o644));
    },
    "all three files of an agent": () => {
      const desk = new ConfigFixture({
        files: [
          rendered(".claude/settings.json", PLANNER, "keys"),
          rendered(
            ".claude/settings.local.json",
            { permissions: { deny: ["Edit(//x/**)"] }, disableAllHooks: false },
            "keys",
          ),
          rendered(".claude/CLAUDE.md", "# Planning\n", "whole"),
        ],
      });
      return desk.law(() => {
        desk.write(SETTINGS_FILE, "");
        desk.write(MEMORY_FILE, "");
      });
    },
  },
});
