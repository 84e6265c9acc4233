import { readFileSync } from 'node:fs';
import { countText } from '../../protocol/counts.ts';

/** What the supervisor has open with one worker, and what Node 24 needs besides to start it (measured: 64), and what each worker more takes. */
const fewest = 64;
const perWorker = 4;

/** How many descriptors this process may have: Node has raised its limit to the highest that it may. null: the system does not tell. */
export function mostDescriptors(): number | null {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return null;
  }
}

/** Throws where so many workers cannot run: a daemon that is short of descriptors would answer no command. */
export function requireDescriptors(workerCount: number): void {
  const needed = fewest + perWorker * (workerCount - 1);
  const most = mostDescriptors();
  if (most === null || most >= needed) return;
  throw new Error(
    `it may have ${most} descriptors, and needs ${needed} for ${countText(workerCount, 'worker')}, besides those for connections: raise the limit (ulimit -n)`,
  );
}
