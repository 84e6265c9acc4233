import cluster from 'node:cluster';
import { registry } from '../registry.ts';

/**
 * Says that this worker serves: the same as `process.send('online')`, once. A deploy waits for it.
 * @returns whether it was said: false when the process is not a worker, or its daemon is gone.
 */
export function online(): boolean {
  const known = registry();
  known.online ||= say('online');
  return known.online;
}

/**
 * Says that this worker must be replaced: the same as `process.send('offline')`. It goes on serving until its replacement is
 * online; then it is asked to leave, as in a deploy.
 * @returns whether it was said: false when the process is not a worker, or its daemon is gone.
 */
export function offline(): boolean {
  return say('offline');
}

function say(message: 'online' | 'offline'): boolean {
  if (!cluster.isWorker || !process.connected || !process.send) return false;
  process.send(message);
  return true;
}
