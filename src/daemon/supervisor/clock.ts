/**
 * Milliseconds on a clock that only goes forward, whoever sets the time of day, and that every process of this boot of the machine
 * reads alike: a successor of the daemon goes on with its predecessor's deadlines.
 */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
