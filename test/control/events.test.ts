import { describe, expect, it } from 'vitest';
import { Events } from '../../src/daemon/control/events.ts';
import { CallError } from '../../src/protocol/errors.ts';
import type { Event, EventsEnd, EventsParams } from '../../src/protocol/schemas.ts';

const counts = { booting: 0, online: 0, dying: 0, new_online: 0 };
const event = (seq: number): Event => ({ event: 'Status', count: counts, waitingFor: null, time: '', seq });

function daemonWith(count: number): Events {
  const events = new Events();
  for (let seq = 1; seq <= count; seq++) events.push(event(seq));
  return events;
}

/** What a reader is given until the end. */
async function read(events: Events, params: EventsParams, signal = new AbortController().signal) {
  const seqs: number[] = [];
  const call = events.read(params, signal);
  for (;;) {
    const item = await call.next();
    if (item.done) return { seqs, ...(item.value as EventsEnd) };
    seqs.push(item.value.seq);
  }
}

describe('the events of the daemon', () => {
  it.each<[string, number, EventsParams, Awaited<ReturnType<typeof read>>]>([
    ['none yet', 0, {}, { seqs: [], seq: 0, missed: 0 }],
    ['the last few', 5, { lines: 2 }, { seqs: [4, 5], seq: 5, missed: 0 }],
    ['none of them', 5, { lines: 0 }, { seqs: [], seq: 5, missed: 0 }],
    ['all', 3, { lines: 'all' }, { seqs: [1, 2, 3], seq: 3, missed: 0 }],
    ['those after the last one that a client has', 5, { since: 3 }, { seqs: [4, 5], seq: 5, missed: 0 }],
    ['nothing after the last one', 5, { since: 5 }, { seqs: [], seq: 5, missed: 0 }],
    ["everything for a client of another daemon's", 2, { since: 700 }, { seqs: [1, 2], seq: 2, missed: 0 }],
  ])('give %s', async (_what, count, params, expected) => {
    expect(await read(daemonWith(count), params)).toEqual(expected);
  });

  it('are bounded, and it is said how many are gone', async () => {
    const { seqs, seq, missed } = await read(daemonWith(1_500), { since: 100 });
    expect([seqs[0], seqs.length, seq, missed]).toEqual([501, 1_000, 1_500, 400]);
  });

  it('go on, after what a former control process had, to the end of the daemon', async () => {
    const events = new Events([event(7), event(8)]);
    const reading = read(events, { since: 7, follow: true });
    await Promise.resolve();
    events.push(event(9));
    events.end();
    expect(await reading).toEqual({ seqs: [8, 9], seq: 9, missed: 0 });
  });

  it('end with an error for who follows a daemon that is killed', async () => {
    const events = daemonWith(1);
    const reading = read(events, { follow: true });
    events.lose(new CallError('unavailable', 'the daemon was killed'));
    await expect(reading).rejects.toThrow('the daemon was killed');
  });

  it('are left by who leaves', async () => {
    const leaving = new AbortController();
    const reading = read(daemonWith(1), { follow: true }, leaving.signal);
    setImmediate(() => leaving.abort(new Error('left')));
    await expect(reading).rejects.toThrow('left');
  });

  it('skip nothing in silence for a reader that is slower than they come', async () => {
    const events = daemonWith(1);
    const call = events.read({ follow: true }, new AbortController().signal);
    expect((await call.next()).value).toMatchObject({ seq: 1 });
    for (let seq = 2; seq <= 1_201; seq++) events.push(event(seq));
    events.end();
    expect((await call.next()).value).toMatchObject({ seq: 202 });
    let last = await call.next();
    while (!last.done) last = await call.next();
    expect(last.value).toEqual({ seq: 1_201, missed: 200 });
  });
});
