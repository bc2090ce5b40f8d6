// A client that edits its settings files in place while it is told to, and knows what it wrote.
// Run as: FILE…; on stdin `go PAUSE_MS` and `stop`. Every stop is answered by a line with what has to be in the files.
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const [, , ...files] = process.argv;
const truth = files.map((path) => ({ path, keys: {}, removed: [], allowed: [] }));
let edits = 0;
let going = null;

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms) => ms > 0 && Atomics.wait(sleeper, 0, 0, ms);

/** The ways in which programs write in place; two of them can be met in the middle. */
const WAYS = [
  (path, text) => writeFileSync(path, text),
  (path, text) => {
    const fd = openSync(path, "w");
    writeSync(fd, text.slice(0, text.length / 2));
    pause(edits % 4);
    writeSync(fd, text.slice(text.length / 2));
    closeSync(fd);
  },
  (path, text) => {
    const fd = openSync(path, "r+");
    ftruncateSync(fd, 0);
    pause(edits % 2);
    writeSync(fd, text, 0);
    closeSync(fd);
  },
];

/** So many keys are enough; one is taken out that has stood there in every look for a while. */
const MANY = 40;
const SEEN_MS = 1500;
const seenSince = new Map();

function noteSeen(settings, known) {
  for (const name of known) {
    if (!(name in settings)) seenSince.delete(name);
    else if (!seenSince.has(name)) seenSince.set(name, Date.now());
  }
}

/** One thing changed: a key set, changed or taken out, a permission added. The rest is written back as it was read. */
function edit() {
  const own = truth[edits % files.length];
  const settings = JSON.parse(readFileSync(own.path, "utf8"));
  const known = Object.keys(own.keys);
  const [oldest] = known;
  noteSeen(settings, known);
  const set = (name) => {
    own.keys[name] = settings[name] = { at: Date.now(), edit: edits };
  };
  if (known.length > 12 && Date.now() - (seenSince.get(oldest) ?? Infinity) > SEEN_MS) {
    delete settings[oldest];
    delete own.keys[oldest];
    own.removed = [...own.removed.slice(-20), oldest];
  } else if (edits % 7 === 3) {
    const element = `Bash(tool-${edits}:*)`;
    const allow = (settings.permissions?.allow ?? []).slice(-15);
    settings.permissions = { ...settings.permissions, allow: [...allow, element] };
    own.allowed = [element];
  } else if (known.length >= MANY) set(known.at(-1 - (edits % 5)));
  else set(`client-${edits}`);
  WAYS[Math.floor(edits / files.length) % WAYS.length](own.path, `${JSON.stringify(settings, null, 2)}\n`);
  edits++;
}

function turn() {
  if (going === null) return;
  edit();
  if (going > 0) setTimeout(turn, going);
  else setImmediate(turn);
}

for await (const line of createInterface({ input: process.stdin })) {
  const [word, ms] = line.split(" ");
  if (word === "go") {
    going = Number(ms);
    turn();
  } else {
    going = null;
    process.stdout.write(`${JSON.stringify({ edits, truth })}\n`);
  }
}
