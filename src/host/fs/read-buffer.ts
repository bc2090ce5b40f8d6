// Whole contents of open files, through one buffer that is used again and again.
import { readSync } from "node:fs";

export type Contents = ReturnType<typeof createContents>;

/** Reads descriptors through one buffer that is used again and again. */
export function createContents(): {
  /** All bytes from the start, copied out; null when there are more than `limit`. Works where the size says 0 (procfs). */
  all(fd: number, limit: number): Buffer | null;
  equal(fd: number, expected: Buffer): boolean;
} {
  let buffer = Buffer.allocUnsafeSlow(64 * 1024);
  function fill(fd: number, atMost: number): number {
    let length = 0;
    while (length <= atMost) {
      if (length === buffer.length) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 4);
        buffer.copy(larger);
        buffer = larger;
      }
      const count = readSync(fd, buffer, length, buffer.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return length;
  }
  return {
    all(fd, limit) {
      const length = fill(fd, limit);
      return length > limit ? null : Buffer.from(buffer.subarray(0, length));
    },
    equal(fd, expected) {
      const wanted = expected.length;
      if (wanted >= buffer.length) {
        return fill(fd, wanted) === wanted && buffer.compare(expected, 0, wanted, 0, wanted) === 0;
      }
      // One byte more than expected: a file that grew since it was measured is not equal.
      const count = readSync(fd, buffer, 0, wanted + 1, 0);
      return count === wanted && buffer.compare(expected, 0, wanted, 0, wanted) === 0;
    },
  };
}
