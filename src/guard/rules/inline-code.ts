// Code given to an interpreter on its command line (`python -c`, `node -e`, awk, …): read as text, not run.

import { ANY, STAR } from "../pattern.ts";
import type { Call, RuleContext } from "./rule.ts";

/** Words with which code changes files. */
const WRITES =
  /\bopen\s*\(|open\s*\w|write|append|unlink|remove|delete|\brm|rmdir|rename|\bmove|copy|\bcp|mkdir|makedirs|touch|truncate|chmod|chown|link|\bdump|to_csv|to_json|savefig|system|popen|subprocess|spawn|exec|\beval|FileUtils|\bqx\b|utime|put_contents|file_put|\bsave/i;
const REMOVES = /rmtree|\brm|rmdir|remove_|rename|\bmove|unlink|remove|delete/i;
const RUNS = /system|popen|subprocess|spawn|exec|\bqx\b|`/i;
/** Ways to make a name that cannot be read in the text. */
const VEILED =
  /fromCharCode|fromCodePoint|\bchr\s*\(|b64|base64|fromhex|unhexlify|\batob\b|\bpack\s*\(|\\x[0-9a-f]{2}|rot13/i;

/** Openings for reading, and prints to the terminal, do not count. */
function withoutReading(code: string): string {
  return code
    .replace(/\bopen\s*\(\s*[^,()]*\)/g, "")
    .replace(/\bopen\s*\([^,()]*,\s*(?:mode\s*=\s*)?(['"])rb?\1[^()]*\)/g, "")
    .replace(/\bstd(?:out|err)\.(?:buffer\.)?write/g, "")
    .replace(/\bconsole\.\w+|\bwriteln?\s*\(\s*\)/g, "")
    .replace(/\bre\.compile|\bexecutable|\bexecPath|\bcopyright/g, "");
}

/** Concatenated pieces become one piece: `"te" + 'sts'`. */
function joined(code: string): string {
  return code.replace(/(['"`])\s*[+.]?\s*(?=['"`])(['"`])/g, (all, a: string, b: string) =>
    a === b || all.length > 2 ? "" : all,
  );
}

function literals(code: string): string[] {
  return [...code.matchAll(/(['"`])((?:\\[\s\S]|(?!\1)[^\\])*)\1/g)]
    .map((match) => match[2] ?? "")
    .filter((one) => one.length < 4096);
}

/** Refuses code that changes files and names a forbidden place. `shellish`: `>` writes (awk). */
export function checkCode(code: string, { scope, name }: Call, context: RuleContext, shellish: boolean): void {
  const sober = withoutReading(code);
  if (!WRITES.test(sober) && !(shellish && /[>|]/.test(sober))) return;
  const plain = code.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4}))/gi, (_, x?: string, u?: string) =>
    String.fromCharCode(Number.parseInt(x ?? u ?? "0", 16)),
  );
  if (VEILED.test(code)) context.denyUnknown(`what this ${name} code names`, [ANY], scope);
  const removes = REMOVES.test(sober);
  const texts = new Set([...literals(code), ...literals(plain), ...literals(joined(plain))]);
  for (const text of texts) {
    if (RUNS.test(sober) && /\s/.test(text))
      context.perhaps({ alts: [text], taint: [] }, { ...scope, bestEffort: true });
    const pattern = text.replaceAll("**", ANY).replaceAll("*", STAR);
    if (!/\s/.test(text)) context.touch({ alts: [pattern], taint: [] }, scope, removes);
  }
  const named = plain.match(/[\w.@~/*-]*\/[\w.@~/*-]*|[\w-]*\.[\w.-]+/g) ?? [];
  context.denyUnknown(`what this ${name} code writes`, [...texts, ...named], scope);
}
