/** Times of the state machine, in milliseconds. */

/** Once one new worker has died the deploy cannot succeed: the others get this long to come online or die, as in 1.x. */
export const settleMs = 5_000;

/** A new worker that listens when its deploy is given up may hold requests: it is asked to leave, and gets this long. */
export const destroyMs = 5_000;

/** From SIGTERM to SIGKILL, for a worker that is killed on demand (abort, timeout). */
export const killGraceMs = 1_000;

/** From SIGTERM at the drain deadline to SIGKILL. */
export const drainGraceMs = 5_000;

/** The drain deadline where --drain-timeout says nothing else. */
export const drainTimeoutMs = 30_000;

/** A worker that has not drained at its deadline is sent 'shutdown', and gets this long to say who ends the process. */
export const lastCallMs = 1_000;

/** A worker that was asked to leave so long ago, and has said nothing, is blocked, and not only slow. */
export const deafMs = 5_000;

/** From the moment that a worker was asked to leave, until the people are told for what it is waited. */
export const waitingMs = 5_000;

/** The longest pause before the same is said again. */
export const longestPauseMs = 300_000;

/** A worker that boots for longer than this waits for something, or hangs, and no longer keeps others from booting. */
export const bootHoldMs = 30_000;

/** A worker that uses the CPU for longer than this while it boots lets others do so beside it. */
export const loadHoldMs = 5_000;

/** A worker that has not spoken for so long of what it was told, or is not gone, no longer keeps others from being told. */
export const turnMs = 500;

/** A deploy that had less time than this has so long to bring the former release back, where it is gone already. */
export const undoMs = 30_000;

/** A crash of a worker that lived this long starts the count of its slot's crashes anew. */
export const healthyMs = 10_000;

/** A crash closes the IPC channel some time before the exit is known; a worker that lives on without one cannot serve. */
export const lostMs = 1_000;

/** A server that listens and has not said 'online' for this long has forgotten to, or never says it. */
export const silentMs = 5_000;

/** From a bad answer of a worker that boots to the next question. */
export const healthRetryMs = 500;

/** A worker that boots and is not healthy for this long is told. */
export const unhealthyMs = 5_000;

/** The preload itself tells when an answer is late: one that has not said so this much later has a blocked event loop. */
export const blockedMs = 1_000;

/** So many bad answers of a worker that is online, and it is replaced. */
export const failuresInARow = 3;

const firstRestartMs = 100;
const slowestRestartMs = 30_000;

/**
 * How long a slot waits after its n-th crash in a row (from 1): the first restart is immediate, then 100 ms doubling to a cap of
 * 30 s, less up to a quarter by jitter, so that crashing slots do not all come back at the same instant.
 */
export function restartDelay(crash: number, random: number): number {
  if (crash <= 1) return 0;
  return Math.min(slowestRestartMs, firstRestartMs * 2 ** (crash - 2)) * (1 - random / 4);
}
