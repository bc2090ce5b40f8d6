// Whether somebody is in the middle of writing a file, as far as its time and content tell.

/** A file touched this recently (ms) may have a writer in the middle: look again. */
const QUIET_MS = 20;
const TORN_QUIET_MS = 1000;
/** How long one replacement waits for a writer of whole files. */
const PATIENCE_MS = 300;

/**
 * Was the file touched so lately that somebody may be in the middle of writing it? What is whole is replaced when we have
 * waited long enough; what is torn never is while it is being written, for nothing could be merged with it afterwards.
 * A wrong clock costs no more than a wait. `waited` in milliseconds.
 */
export function wasJustModified(
  file: { readonly bytes: Buffer; readonly mtimeMs: number },
  { torn = false }: { readonly torn?: boolean },
  waited: number,
): boolean {
  const age = Date.now() - file.mtimeMs;
  if (age < -QUIET_MS) return false;
  return torn || file.bytes.length === 0 ? age < TORN_QUIET_MS : age < QUIET_MS && waited < PATIENCE_MS;
}
