// Processor time of some work in this process: what else the machine is doing does not count.

/**
 * Seconds of processor time that the work took. For limits that only a step of the wrong order misses: linear work takes
 * a fraction of them, quadratic or exponential work many times as long.
 */
export async function processorSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  return process.cpuUsage(before).user / 1e6;
}
