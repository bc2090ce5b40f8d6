// A client that edits its settings in place: reads, sets a key, truncates, writes. Run as: file, rounds.
import { readFileSync, writeFileSync } from "node:fs";

const [, , path = "", rounds = "0"] = process.argv;
const pause = new Int32Array(new SharedArrayBuffer(4));
for (let round = 0; round < Number(rounds); round++) {
  const settings = JSON.parse(readFileSync(path, "utf8"));
  settings[`round-${round}`] = true;
  writeFileSync(path, `${JSON.stringify(settings, null, 2)}\n`);
  // Now at full speed, now with a pause.
  if (round % 7 === 0) Atomics.wait(pause, 0, 0, round % 5);
}
