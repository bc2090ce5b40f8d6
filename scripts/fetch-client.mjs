// Fetches the real client's platform package into .cache/ for the tests that hold against it; there already, it is reused.
// Usage: node scripts/fetch-client.mjs [VERSION]     prints the path of the client's executable
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { root } from "./freshness.mjs";

/** The version all tests are made for. */
export const CLIENT_VERSION = "2.1.330";

/** What the registry's packages of that version have to be, by platform. Other versions are checked by npm alone. */
const PINNED = {
  "linux-x64": "sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==",
  "linux-arm64": "sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==",
  "linux-x64-musl": "sha512-OnduSSPY1b59FA8jTbq20Y1XkDUV0S1OVyvYBNslEbpX79P81JF7Ih4lgYvDKiFnnSv75z4Kv6qLE5DQqogYXA==",
  "linux-arm64-musl": "sha512-NemfeTqZ30tQDhAeumZgDYoX4ewhAHkN3dbcsyvlgb+yvpKUlcYu5Bor8K+Du5azGe3uy9sftlJxbGhTsCR7zA==",
};

/** `linux-x64`, `linux-arm64-musl`, …: as the client's packages are named. */
export function clientPlatform({ platform, arch, glibc }) {
  return `${platform}-${arch}${platform === "linux" && !glibc ? "-musl" : ""}`;
}

function thisPlatform() {
  const { glibcVersionRuntime } = process.report.getReport().header;
  return clientPlatform({ platform: process.platform, arch: process.arch, glibc: glibcVersionRuntime !== undefined });
}

/** Installs one package without its scripts into a folder of its own, which is then put in place whole. */
function install(name, version, folder) {
  const cache = join(root, ".cache");
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(join(cache, "fetching-"));
  try {
    writeFileSync(join(temporary, "package.json"), '{ "private": true }\n');
    const words = ["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--engine-strict=false"];
    const npm = spawnSync("npm", [...words, `${name}@${version}`], { cwd: temporary, encoding: "utf8" });
    if (npm.status !== 0) throw new Error(complaint(name, version, npm));
    checkIntegrity(temporary, name, version);
    putInPlace(temporary, folder, join(folder, "node_modules", name, "claude"));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Another process may have been faster: then its folder stays, it may be in use. */
function putInPlace(temporary, folder, executable) {
  if (existsSync(executable)) return;
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(temporary, folder);
  } catch (error) {
    if (!existsSync(executable)) throw error;
  }
}

function complaint(name, version, { error, stderr }) {
  const said = (stderr ?? error?.message ?? "").trim().split("\n").slice(-6).join("\n");
  const why = /E404|ETARGET|notarget/.test(said)
    ? "the registry does not have it"
    : "npm could not fetch it (is there a network, and room for 400 MB?)";
  return `the real client ${name}@${version} is needed for these tests: ${why}\n${said}`;
}

/** npm has compared the package with what the registry says it is; this compares it with what it was when we pinned it. */
function checkIntegrity(folder, name, version) {
  if (version !== CLIENT_VERSION) return;
  const { packages } = JSON.parse(readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8"));
  const pinned = PINNED[name.replace(/^.*claude-code-/, "")];
  const have = packages[`node_modules/${name}`]?.integrity;
  if (have !== pinned) throw new Error(`${name}@${version} is not the package that was pinned: ${have}, not ${pinned}`);
}

/** The path of the client's executable, fetched when it is not there. Throws with a message for a person. */
export function fetchClient(version = CLIENT_VERSION) {
  const platform = thisPlatform();
  if (!(platform in PINNED)) throw new Error(`the real client is not tested on ${platform}`);
  const name = `@anthropic-ai/claude-code-${platform}`;
  const folder = join(root, ".cache", `client-${version}-${platform}`);
  const executable = join(folder, "node_modules", name, "claude");
  if (!existsSync(executable)) install(name, version, folder);
  if (!existsSync(executable)) throw new Error(`${name}@${version} holds no executable named claude`);
  return executable;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    console.log(fetchClient(process.argv[2]));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
