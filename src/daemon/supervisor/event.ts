import type { Event } from '../../protocol/schemas.ts';
import type { Members } from './fleet/members.ts';
import type { Effect } from './machine/effects.ts';

/** What is told of an event of the machine, with the process of its worker. */
export function eventOf(effect: Extract<Effect, { type: 'emit' }>, members: Members, seq: number): Event {
  const { event, count, waitingFor, worker, exit } = effect;
  const note = effect.note ?? (worker !== undefined && exit ? members.exitNote(worker, exit) : undefined);
  return {
    event,
    count,
    waitingFor,
    ...(worker === undefined ? {} : { worker: members.describe(worker, exit) }),
    ...(note === undefined ? {} : { note }),
    time: new Date().toISOString(),
    seq,
  };
}
