// Backslash sequences as `$'…'`, `echo -e` and `printf` read them.

const NAMED: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};
const HEX = "x(?<byte>[0-9a-fA-F]{1,2})|u(?<short>[0-9a-fA-F]{1,4})|U(?<long>[0-9a-fA-F]{1,8})";
const PRINTED = new RegExp(`\\\\(?:${HEX}|(?<octal>0[0-7]{3}|[0-7]{1,3})|(?<one>[\\s\\S]))`, "g");
const QUOTED = new RegExp(
  `\\\\(?:x\\{(?<braced>[0-9a-fA-F]*)\\}?|${HEX}|(?<octal>[0-7]{1,3})|c(?<control>\\\\\\\\|[\\s\\S])|(?<one>[\\s\\S]))`,
  "g",
);

/** `echo -e` and `printf`. */
export function decodeEscapes(text: string): string {
  return text.replace(PRINTED, (...found) => decoded(found[0], found.at(-1)));
}

/** `$'…'`: it also knows `\x{…}` and `\cX`, and drops what comes after a NUL. */
export function decodeQuoted(text: string): string {
  return text.replace(QUOTED, (...found) => decoded(found[0], found.at(-1))).replace(/\0[\s\S]*/, "");
}

function decoded(all: string, groups: Readonly<Record<string, string | undefined>>): string {
  const { byte, short, long, braced, octal, control, one } = groups;
  const hex = byte ?? short ?? long;
  if (hex !== undefined) return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex, 16)));
  if (braced !== undefined) return String.fromCharCode(Number.parseInt(`0${braced.slice(-2)}`, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
  return NAMED[one ?? ""] ?? all;
}
