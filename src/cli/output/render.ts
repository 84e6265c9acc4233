import type { Count, Event, Outcome } from '../../protocol/schemas.ts';
import type { Status, WorkerStatus } from '../../protocol/status-schemas.ts';

/** The four counts, as every version of naught has printed them. */
export const countsText = ({ booting, online, dying, new_online }: Count): string =>
  `booting: ${booting}, online: ${online}, dying: ${dying}, new_online: ${new_online}`;

/** Events that 1.x never printed: they are there for their notes. */
const forTheirNotes = ['Status', 'Bake', 'Promote', 'Undo'];

/** One event, one line: scripts read it. A person at a terminal is told the note of each event as well. */
export function eventText({ event, count, note }: Event, terminal = false): string {
  const line = `${event}. ${countsText(count)}`;
  return note !== undefined && (terminal || forTheirNotes.includes(event)) ? `${line} (${note})` : line;
}

/** What `status` prints: how many workers are online, or what is going on with the counts on a second line. */
export function statusText(status: Outcome): string {
  const activity = activityOf(status);
  return activity === undefined ? `workers online: ${status.count.online}` : `${activity}\n${countsText(status.count)}`;
}

function activityOf({ count, waitingFor, release }: Outcome): string | undefined {
  if (waitingFor === 'shutdown') return 'shutting down';
  if (release === 0 || (waitingFor === null && count.booting > 0)) return 'booting';
  return waitingFor === null ? undefined : 'deploy in progress';
}

/** What a person at a terminal is told besides: the slots whose worker crashed again and again, and when it is started again. */
export function waitingText({ workers }: Pick<Status, 'workers'>): string[] {
  return workers.flatMap((worker) => (worker.state === 'waiting' ? waitText(worker) : []));
}

function waitText({ slot, crashes, restartIn = 0 }: WorkerStatus): string {
  return `worker ${slot} has crashed ${crashes} times in a row: started again in ${restartIn.toFixed(1)} s`;
}
