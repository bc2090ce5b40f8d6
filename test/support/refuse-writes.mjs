// Loaded before a command (node --import): from then on every door of the machine that writes ends the process with 97,
// and every program it starts is told of on stderr. What goes to its own streams is no write of files.
import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const say = fs.writeSync.bind(fs);

function refuse(name, args) {
  say(2, `REFUSED ${name} ${JSON.stringify(String(args[0]))}\n`);
  process.exit(97);
}

const WRITES = [
  ...["appendFile", "chmod", "chown", "copyFile", "cp", "fchmod", "fchown", "fdatasync", "fsync", "ftruncate"],
  ...["futimes", "lchmod", "lchown", "link", "lutimes", "mkdir", "mkdtemp", "rename", "rm", "rmdir", "symlink"],
  ...["truncate", "unlink", "utimes", "write", "writeFile", "writev"],
];
for (const name of WRITES) {
  for (const one of [name, `${name}Sync`]) if (fs[one]) fs[one] = (...args) => refuse(one, args);
  if (fs.promises[name]) fs.promises[name] = async (...args) => refuse(name, args);
}
fs.createWriteStream = (...args) => refuse("createWriteStream", args);

const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = fs.constants;

function opensToWrite(flags) {
  if (typeof flags === "number") return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)) !== 0;
  return flags !== undefined && flags !== "r" && flags !== "rs";
}

for (const one of ["open", "openSync"]) {
  const open = fs[one];
  fs[one] = (...args) => (opensToWrite(args[1]) ? refuse(one, args) : open(...args));
}
const openLater = fs.promises.open;
fs.promises.open = async (...args) => (opensToWrite(args[1]) ? refuse("open", args) : openLater(...args));

for (const one of ["spawn", "spawnSync", "execFile", "execFileSync"]) {
  const start = childProcess[one];
  childProcess[one] = (program, words, ...rest) => {
    say(2, `STARTED ${JSON.stringify([program, ...(Array.isArray(words) ? words : [])])}\n`);
    return start(program, words, ...rest);
  };
}
for (const one of ["exec", "execSync", "fork"]) childProcess[one] = (...args) => refuse(one, args);

const kill = process.kill.bind(process);
process.kill = (pid, signal) => (signal === 0 ? kill(pid, 0) : refuse("kill", [pid]));

syncBuiltinESMExports();
