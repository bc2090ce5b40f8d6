// Patterns: strings in which three characters stand for what is not known. Two patterns meet when one string fits both.

/** One character, but no slash. */
export const ONE = "\u0001";
/** Any characters, but no slash. */
export const STAR = "\u0002";
/** Anything at all: a value that only the shell knows. */
export const ANY = "\u0003";

const WILD = /[\u0001-\u0003]/;

export function isWild(pattern: string): boolean {
  return WILD.test(pattern);
}

/** A shape of the policy (`*`, `?`, `**`) as a pattern. */
export function fromShape(shape: string): string {
  return shape.replaceAll("**", ANY).replaceAll("*", STAR).replaceAll("?", ONE);
}

function long(token: string | undefined): boolean {
  return token === STAR || token === ANY;
}

/** Whether a token can stand for the other one (or for some character that the other one stands for). */
function fits(token: string, other: string): boolean {
  if (token === ANY || other === ANY) return true;
  if (WILD.test(token)) return other !== "/";
  if (WILD.test(other)) return token !== "/";
  return token === other;
}

/** Whether some string fits both patterns. Time and space are the product of the lengths. */
export function patternsIntersect(a: string, b: string): boolean {
  const width = b.length + 1;
  const seen = new Uint8Array((a.length + 1) * width);
  const open: number[] = [0];
  const step = (i: number, j: number): void => {
    const at = i * width + j;
    if (seen[at] === 0) {
      seen[at] = 1;
      open.push(at);
    }
  };
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const i = Math.floor(at / width);
    const j = at % width;
    const x = a[i];
    const y = b[j];
    if (x === undefined && y === undefined) return true;
    if (long(x)) step(i + 1, j);
    if (long(y)) step(i, j + 1);
    if (x !== undefined && y !== undefined && fits(x, y)) step(long(x) ? i : i + 1, long(y) ? j : j + 1);
  }
  return false;
}

/** `.` and `..` taken out by the letter. What stands before a `..` and is not known stays unknown. */
export function normalize(pattern: string): string {
  const out: string[] = [];
  for (const segment of pattern.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") out.push(segment);
    else if (!out.at(-1)?.includes(ANY)) out.pop();
  }
  const head = pattern.startsWith("/") ? "/" : "";
  return head + out.join("/") || ".";
}

/** `/proc/self/cwd/x` and `/proc/self/root/x` without the detour: the shell's are meant, not the guard's own. */
export function throughProc(word: string, cwd: string): string {
  return word.replace(/^\/+proc\/+[^/]+\/+cwd(?=\/|$)/, () => cwd).replace(/^\/+proc\/+[^/]+\/+root(?=\/|$)/, "/");
}

/** A path that leads through an open descriptor, or through the folder of another process: nobody can tell where to. */
export function throughDescriptor(word: string): boolean {
  const [path, process] = [word.replace(/\/+/g, "/"), /^\/+proc\/+([^/]+)/.exec(word)?.[1]];
  if (/^\/dev\/(?:fd\/\d+\/|fd\/(?:0|[3-9]|\d\d+)$|stdin)/.test(path)) return true;
  if (process === undefined) return false;
  if (/^\/proc\/(?:[^/]+\/task\/)?[^/]+\/fd\/(?:\d+\/|0$|[3-9]|\d\d)/.test(path)) return true;
  return (
    !/^(?:self|thread-self)$/.test(process) && /^\/proc\/[^/]+\/(?:task\/[^/]+\/)?(?:cwd|root|fd)(?:\/|$)/.test(path)
  );
}

/** A word as an absolute pattern, seen from a folder. A word that starts with something unknown may lie anywhere. */
export function absolute(word: string, cwd: string): string {
  const path = throughProc(word, cwd);
  return normalize(path.startsWith("/") || path.startsWith(ANY) ? path : `${cwd}/${path}`);
}

/** A name test of find and the like (`*.ts`) as a pattern. */
export function namePattern(text: string): string {
  return text
    .replace(/\[[^\]]+\]/g, ONE)
    .replaceAll("*", STAR)
    .replaceAll("?", ONE);
}
