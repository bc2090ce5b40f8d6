// The laws of every kind, held against `config` in each of its three ways to own a file.
import { config } from "../../../src/kinds/config/index.ts";
import { ConfigFixture, MEMORY_FILE, PLANNER, rendered, SETTINGS_FILE } from "../../support/config-fixture.ts";
import { kindLaws } from "../../support/kind-laws.ts";

kindLaws({
  kind: config,
  cases: {
    "settings shared with the client": () => {
      const fixture = new ConfigFixture();
      return fixture.law(() => fixture.write(SETTINGS_FILE, { ...PLANNER, model: "haiku", theme: "dark" }));
    },
    "settings in a folder where the client has already written": () => {
      const fixture = new ConfigFixture();
      fixture.write(SETTINGS_FILE, '{"theme":"dark","permissions":{"allow":["Bash(ls)"]}}');
      return fixture.law(() => fixture.write(SETTINGS_FILE, "{ // torn"));
    },
    "settings that somebody emptied": () => {
      const fixture = new ConfigFixture();
      return fixture.law(() => fixture.write(SETTINGS_FILE, ""));
    },
    "a memory file that is ours whole": () => {
      const fixture = new ConfigFixture({ files: [rendered(".claude/CLAUDE.md", "# Planning\n\nPlan.\n", "whole")] });
      return fixture.law(() => fixture.write(MEMORY_FILE, "# Mine now\n"));
    },
    "a block in a person's memory file": () => {
      const fixture = new ConfigFixture({ files: [rendered(".claude/CLAUDE.md", "Plan first.\n", "block")] });
      fixture.write(MEMORY_FILE, "# My own notes\r\n\r\nno line end");
      return fixture.law(() =>
        fixture.write(MEMORY_FILE, fixture.read(MEMORY_FILE).replace("Plan first.", "Do not plan.")),
      );
    },
    "an executable whose mode somebody took": () => {
      const fixture = new ConfigFixture({ files: [rendered("bin/run.sh", "#!/bin/sh\n", "whole", "0755")] });
      return fixture.law(() => fixture.write("agents/planning-agent/bin/run.sh", "#!/bin/sh\n", 0o644));
    },
    "all three files of an agent": () => {
      const fixture = new ConfigFixture({
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
      return fixture.law(() => {
        fixture.write(SETTINGS_FILE, "");
        fixture.write(MEMORY_FILE, "");
      });
    },
  },
});
