// Holds a Node process still just before it starts sessions, as long as the file ROLLCALL_GATE is there:
// `node --import write-gate.mjs program …`. It is held before tmux is started, so that no time limit of a call runs meanwhile.
import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const gate = process.env.ROLLCALL_GATE ?? "";
const { existsSync } = fs;
const { spawn } = childProcess;
const cell = new Int32Array(new SharedArrayBuffer(4));

childProcess.spawn = (file, args, ...rest) => {
  if (Array.isArray(args) && args.includes("source-file")) while (existsSync(gate)) Atomics.wait(cell, 0, 0, 50);
  return spawn(file, args, ...rest);
};
syncBuiltinESMExports();
