// A newcomer's first minute: what setup does on machines that lack something. Each story builds a clone in miniature.
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Clone, openClone } from "../support/clone-fixture.ts";

describe("setup on a machine without tmux", () => {
  /** A PATH with nothing but these programs: real ones by link, made-up ones as shell scripts. */
  function searchPath(clone: Clone, scripts: Readonly<Record<string, string>>): string {
    const bin = join(clone.root, "bin");
    mkdirSync(bin);
    for (const name of ["sh", "cat", "chmod", "touch"]) symlinkSync(`/bin/${name}`, join(bin, name));
    for (const [name, text] of Object.entries(scripts)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return bin;
  }
  const fakeTmux = (version: string): string => `printf '#!/bin/sh\\necho tmux ${version}\\n'`;
  const source = (file: string): string => readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8");
  const cli = {
    "src/launch.ts": source("launch.ts"),
    "src/core.ts": source("core.ts"),
    "src/claude-agent.ts": "// Not of this story.\n",
    "src/cli.ts": '// The story\'s program.\nprocess.stdout.write("hello\\n");\n',
    "src/index.ts": "// Nothing for programs in this story.\nexport {};\n",
  };
  const setup = (clone: Clone, bin: string, env: Readonly<Record<string, string>> = {}) =>
    clone.run([process.execPath, "scripts/setup.mjs"], { PATH: bin, ...env });

  test.runIf(process.getuid?.() === 0)(
    "root: the lists are fetched when they are missing, then tmux, then the build",
    () => {
      const clone = openClone(cli);
      const bin = searchPath(clone, {
        "apt-get": `echo "$@" >> ${clone.root}/calls
case "$*" in
  --version) exit 0;;
  update) touch ${clone.root}/lists;;
  *) [ -e ${clone.root}/lists ] || { echo "E: Unable to locate package tmux"; exit 100; }
     ${fakeTmux("3.3a")} > ${clone.root}/bin/tmux; chmod 755 ${clone.root}/bin/tmux;;
esac`,
      });
      const { status, stderr } = setup(clone, bin);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const install = "-o DPkg::Lock::Timeout=120 install -y --no-install-recommends tmux";
      expect(readFileSync(join(clone.root, "calls"), "utf8").trim().split("\n")).toEqual([
        "--version",
        install,
        "update",
        install,
      ]);
      expect(existsSync(join(clone.root, "dist", "rollcall.cjs"))).toBe(true);
      expect(setup(clone, bin).stderr).toBe(""); // nothing is left to do
    },
  );

  test("when installing is not allowed, the command to type is named", () => {
    const clone = openClone(cli);
    const bin = searchPath(clone, { dnf: "exit 0" });
    const { status, stderr } = setup(clone, bin, { ROLLCALL_NO_INSTALL: "1" });
    expect(status).toBe(1);
    expect(stderr).toContain("tmux is needed. Install it and try again:\n  sudo dnf install -y tmux\n");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("without any package manager", () => {
    const clone = openClone(cli);
    const { status, stderr } = setup(clone, searchPath(clone, {}));
    expect(status).toBe(1);
    expect(stderr).toContain("install tmux by hand");
  });

  test("a tmux that is too old is told with its version", () => {
    const clone = openClone(cli);
    const { status, stderr } = setup(clone, searchPath(clone, { tmux: "echo tmux 2.9" }));
    expect(status).toBe(1);
    expect(stderr).toContain("tmux 3.2 or newer is needed; this is 2.9");
  });

  test("a failing npm shows its last words", () => {
    const clone = openClone(cli, { packages: false });
    const bin = searchPath(clone, { npm: 'echo "npm error code EUNREACHABLE" >&2; exit 1', tmux: "echo tmux 3.4" });
    const { status, stderr } = setup(clone, bin);
    expect(status).toBe(1);
    expect(stderr).toContain("installing packages (not installed)");
    expect(stderr).toContain("npm error code EUNREACHABLE");
  });

  test("the build runs from any folder, and again only when a source changed", () => {
    const clone = openClone(cli);
    const bin = searchPath(clone, { tmux: "echo tmux 3.4" });
    expect(setup(clone, bin).stderr).toContain("building");
    const program = join(clone.root, "dist", "rollcall.cjs");
    expect(clone.run(["sh", "-c", `cd / && ${program}`]).stdout).toBe("hello\n");
    expect(setup(clone, bin).stderr).toBe("");
    writeFileSync(
      join(clone.root, "src", "cli.ts"),
      '// The story\'s program.\nprocess.stdout.write("good day\\n");\n',
    );
    expect(setup(clone, bin).stderr).toContain("building");
    expect(clone.run([program]).stdout).toBe("good day\n");
  });
});
