// Bounded concurrency: for synced writes and for processes, where waiting side by side is what saves time.

/** Runs work on all items, at most `width` at a time. All are settled when it returns; the first error is thrown then. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  const workers = Array.from({ length: Math.max(1, Math.min(width, queue.length)) }, worker);
  for (const end of await Promise.allSettled(workers)) if (end.status === "rejected") throw end.reason;
}
