// Exchanges a folder with a link to another folder, over and over. Run as: folder, other.
import { renameSync, symlinkSync } from "node:fs";

const [, , folder = "", other = ""] = process.argv;
symlinkSync(other, `${folder}.link`);
const pause = new Int32Array(new SharedArrayBuffer(4));
for (let count = 0; ; count++) {
  renameSync(folder, `${folder}.real`);
  renameSync(`${folder}.link`, folder);
  renameSync(folder, `${folder}.link`);
  renameSync(`${folder}.real`, folder);
  // Long enough, now and then, for a write to get through.
  if (count % 50 === 0) Atomics.wait(pause, 0, 0, 5);
}
