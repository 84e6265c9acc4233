/**
 * Milliseconds since the host was started (CLOCK_MONOTONIC): the one clock of the state's times. It only goes forward, whoever sets
 * the time of day, and a process that takes the state over reads the same one, which `performance.now()`, counted from the start
 * of each process, is not.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
