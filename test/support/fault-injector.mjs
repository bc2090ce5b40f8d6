// Fails the Nth file-changing call of a Node process: `node --import injector.mjs program …`, told what by ROLLCALL_FAULT.
//
// ROLLCALL_FAULT is JSON: { below, at, fault, sticky, match, tally }. Counted is every call of node:fs that changes something
// below the folder `below` (synchronous, with a callback, or by promise; paths through a descriptor in /proc/self/fd
// are followed back), or with `match`, a regular expression, only those it finds in "call path". `at` 0 counts only. `fault` at the Nth call: "kill" ends the whole process group before the call,
// "torn" lets half of a write land and then does so (only writes count then), any errno makes the call fail, once or
// with `sticky` from there on. A disk that is full still lets files go. `tally`: the file that is told of each call
// counted (outside of `below`), one line each, in the order of the calls.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { join, resolve } from "node:path";

const order = JSON.parse(process.env["ROLLCALL_FAULT"] ?? "null");
const original = { ...fs };

/** What each call changes: `path` or `fd` says what the argument of that number is. Renames and links change the second. */
const CALLS = {
  open: { path: 0, flags: 1 },
  write: { fd: 0, write: true },
  writev: { fd: 0 },
  writeFile: { path: 0 },
  appendFile: { path: 0 },
  truncate: { path: 0 },
  ftruncate: { fd: 0 },
  fsync: { fd: 0 },
  fdatasync: { fd: 0 },
  fchmod: { fd: 0 },
  chmod: { path: 0 },
  fchown: { fd: 0 },
  chown: { path: 0 },
  lchown: { path: 0 },
  futimes: { fd: 0 },
  utimes: { path: 0 },
  rename: { path: 1 },
  link: { path: 1 },
  symlink: { path: 1 },
  copyFile: { path: 1 },
  cp: { path: 1 },
  unlink: { path: 0 },
  rmdir: { path: 0 },
  rm: { path: 0 },
  mkdir: { path: 0 },
  mkdtemp: { path: 0 },
};

/** Calls that a full disk lets through. */
const FREEING = new Set(["unlink", "rmdir", "rm"]);
const FULL = new Set(["ENOSPC", "EDQUOT"]);
let counted = 0;

/** The real path behind a descriptor or a path that goes through one. */
function placeOf(where) {
  if (typeof where === "number") return linkOf(`/proc/self/fd/${where}`);
  const path = resolve(where instanceof URL ? where.pathname : String(where));
  const [, fd, rest] = /^\/proc\/(?:self|\d+)\/fd\/(\d+)(?:\/(.*))?$/.exec(path) ?? [];
  return fd === undefined ? path : join(linkOf(`/proc/self/fd/${fd}`), rest ?? "");
}

function linkOf(path) {
  try {
    return original.readlinkSync(path);
  } catch {
    return "";
  }
}

function changes(call, args) {
  if (call.flags === undefined) return true;
  const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC } = fs.constants;
  const flags = args[call.flags] ?? "r";
  return typeof flags === "number" ? (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) !== 0 : !/^rs?$/.test(flags);
}

/** The place a call changes when it counts, else null. Says so in the tally. */
function count(name, call, args) {
  if (!changes(call, args)) return null;
  const place = placeOf(args[call.path ?? call.fd]);
  if (place !== order.below && !place.startsWith(`${order.below}/`)) return null;
  if (order.fault === "torn" && !(call.write && lengthOf(args) > 1)) return null;
  if (order.match && !new RegExp(order.match).test(`${name} ${place}`)) return null;
  if (order.sticky && FULL.has(order.fault) && FREEING.has(name)) return null;
  counted++;
  if (order.tally) original.appendFileSync(order.tally, `${name} ${place}\n`);
  const isNow = order.at > 0 && (counted === order.at || (order.sticky && counted > order.at));
  return isNow ? place : null;
}

function lengthOf([, data, second, third]) {
  if (typeof data === "string") return Buffer.byteLength(data);
  const isOptions = typeof second === "object" && second !== null;
  return (isOptions ? second.length : third) ?? data.byteLength - ((isOptions ? second.offset : second) ?? 0);
}

/** Ends this process and what it started, as a power switch would: nothing of ours runs after it. */
function die() {
  process.kill(0, "SIGKILL");
  for (;;) original.readlinkSync("/proc/self");
}

function tear([fd, data, second]) {
  const bytes = Buffer.from(data);
  const offset = typeof second === "number" ? second : 0;
  original.writeSync(fd, bytes, offset, Math.floor(lengthOf([fd, data, second]) / 2));
  die();
}

/** The error that the system would have given. */
function refusal(name, place) {
  const errno = os.constants.errno[order.fault];
  const error = new Error(`${order.fault}: injected, ${name} '${place}'`);
  return Object.assign(error, { errno: -errno, code: order.fault, syscall: name, path: place });
}

/** Null when the call shall go on; the error it is to fail with; or nothing comes back at all. */
function strike(name, call, args) {
  const place = count(name, call, args);
  if (place === null) return null;
  if (order.fault === "kill") die();
  if (order.fault === "torn") tear(args);
  return refusal(name, place);
}

function arm() {
  for (const [name, call] of Object.entries(CALLS)) {
    const sync = original[`${name}Sync`];
    if (sync) {
      fs[`${name}Sync`] = (...args) => {
        const error = strike(name, call, args);
        if (error) throw error;
        return sync(...args);
      };
    }
    const later = original[name];
    if (later) {
      fs[name] = (...args) => {
        const error = strike(name, call, args);
        if (!error) return later(...args);
        process.nextTick(args.at(-1), error);
      };
    }
  }
}

/** Promises: the functions by path, and the methods of an open file. */
async function armPromises() {
  const promises = fs.promises;
  const plain = { ...promises };
  for (const [name, call] of Object.entries(CALLS)) {
    if (!plain[name] || call.path === undefined) continue;
    promises[name] = async (...args) => {
      const error = strike(name, call, args);
      if (error) throw error;
      return plain[name](...args);
    };
  }
  const handle = await plain.open("/dev/null");
  const methods = Object.getPrototypeOf(handle);
  await handle.close();
  const named = { write: "write", writev: "writev", writeFile: "write", appendFile: "write", truncate: "ftruncate" };
  const others = { sync: "fsync", datasync: "fdatasync", chmod: "fchmod", chown: "fchown", utimes: "futimes" };
  for (const [method, name] of Object.entries({ ...named, ...others })) {
    const plainMethod = methods[method];
    methods[method] = async function (...args) {
      const error = strike(name, CALLS[name], [this.fd, ...args]);
      if (error) throw error;
      return plainMethod.apply(this, args);
    };
  }
}

if (order) {
  arm();
  await armPromises();
  syncBuiltinESMExports();
}
