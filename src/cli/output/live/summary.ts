import { countText } from '../../../protocol/counts.ts';
import type { Event } from '../../../protocol/schemas.ts';
import { ageText } from '../terminal/units.ts';
import { elapsed, type LiveModel } from './model.ts';

/** What remains of an operation when its display is over. */

const done: Record<string, string> = {
  start: 'started',
  stop: 'stopped',
  deploy: 'deployed',
  'deploy-abort': 'deploy aborted',
  rollback: 'rolled back',
  restart: 'restarted',
  scale: 'scaled',
  promote: 'promoted',
};

/** The last line: release, workers, seconds. failed: nothing has changed. */
export function summaryText(model: LiveModel, verb: string, failed: boolean, now: number): string {
  const { operation, former, current, online, workers } = model;
  const took = `in ${ageText(elapsed(model, now))}`;
  if (verb === 'stop' || operation?.type === 'stop') {
    const left = workers.filter(({ state }) => state === 'gone').length;
    return `${done[verb] ?? verb}: ${countText(left, 'worker')} left, ${took}`;
  }
  const after = failed || former === null || former === current ? '' : ` after ${former}`;
  const what = failed ? `${verb} failed, nothing has changed` : (done[verb] ?? `${verb} done`);
  return `${what}: release ${current}${after}, ${countText(online, 'worker')} online, ${took}`;
}

/** Events that are news by themselves: who died, what was cut, and what this version does not know. */
const shown = ['NewDeath', 'WorkerDeath', 'WorkerOffline', 'Timeout'];
const drawn = [
  'Bootup',
  'SpawnNew',
  'NewOnline',
  'ShutdownOld',
  'OldExit',
  'DestroyNew',
  'NewDestroyed',
  'DestroyOld',
  'WorkerOnline',
  'Ready',
  'DeployFailed',
  'Shutdown',
];

/**
 * A line for what the display does not show, or does not keep. leaving: somebody leaves, of whom it says itself what a `Status` then
 * tells: for what it is waited.
 */
export function noteText({ event, worker, note }: Event, leaving: boolean): string | undefined {
  if (event === 'Status' ? leaving : drawn.includes(event) && note === undefined) return undefined;
  const who =
    worker === undefined ? '' : `, worker ${worker.slot}${worker.pid === undefined ? '' : ` (pid ${worker.pid})`}`;
  const how = worker?.signal ?? (worker?.exitCode === undefined ? undefined : `exit code ${worker.exitCode}`);
  const told = [shown.includes(event) ? how : undefined, note].filter((text) => text !== undefined).join(', ');
  return `${event}${who}${told === '' ? '' : `: ${told}`}`;
}
