import fs from 'node:fs';
import { expect, test } from 'vitest';
import type { LogLine } from '../../../src/protocol/log-schemas.ts';
import { attachStream, drain, never, numberedLines, openIn, temporaryFolder } from './helpers.ts';

test('goes on with what is written from that instant: nothing twice, nothing left out', async () => {
  const logs = await openIn(temporaryFolder(), { maxSize: 3000 });
  const stream = await attachStream(logs, 'stdout', 3);
  const readers: ReturnType<typeof drain>[] = [];
  for (let index = 0; index < 3000; index++) {
    if (index % 500 === 77) readers.push(drain(logs.read({ lines: 'all', follow: true }, never)));
    await stream.write(`n ${index}\n`);
  }
  await stream.finish();
  await logs.close(1000);
  for (const { events, end } of await Promise.all(readers)) {
    expect(end).toEqual({ lines: 3000, skipped: 0 });
    const live = events.findIndex(({ event }) => event === 'Live');
    expect(events.filter(({ event }) => event === 'Line').map((event) => (event as LogLine).line)).toEqual(
      Array.from({ length: 3000 }, (_, index) => `n ${index}`),
    );
    for (const event of events.slice(live + 1)) expect(event).toMatchObject({ slot: 3, stream: 'stdout' });
  }
});

test('a reader that does not read holds nobody back, and is told what it missed', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  const call = logs.read({ follow: true }, never);
  expect((await call.next()).value).toEqual({ event: 'Live' });
  const count = 300_000;
  await stream.finish(numberedLines('l', count, 90));
  await stream.ended;
  void logs.close(1000);
  const { events, end } = await drain(call);
  const skipped = events.filter((event) => event.event === 'Skipped');
  expect(skipped).toHaveLength(1);
  expect(end.skipped).toBe(skipped[0]!.lines);
  expect(end.lines + end.skipped).toBe(count);
  expect(end.lines).toBeGreaterThan(10_000);
  expect(end.lines * 100).toBeLessThan(5_000_000);
});

test('follows the lines of one worker in a plain log, and of the daemon', async () => {
  const logs = await openIn(temporaryFolder());
  const one = logs.read({ worker: 1, lines: 0, follow: true }, never);
  const daemon = logs.read({ stream: 'daemon', follow: true }, never);
  await one.next();
  await daemon.next();
  await (await attachStream(logs, 'stdout', 0)).finish('zero\n');
  await (await attachStream(logs, 'stderr', 1)).finish('one\n');
  logs.note('info', 'noted');
  await logs.close(1000);
  expect((await drain(one)).events).toMatchObject([{ stream: 'stderr', slot: 1, line: 'one' }]);
  expect((await drain(daemon)).events).toMatchObject([
    { stream: 'daemon', line: expect.stringMatching(/ info noted$/) },
  ]);
});

test('a reader that leaves is forgotten, and leaves no file open', async () => {
  const logs = await openIn(temporaryFolder());
  await (await attachStream(logs)).finish(numberedLines('l', 1000, 90));
  const open = () => fs.readdirSync('/proc/self/fd').length;
  const before = open();
  for (let index = 0; index < 20; index++) {
    const leaving = new AbortController();
    const waiting = logs.read({ follow: true, lines: 0 }, leaving.signal);
    await waiting.next();
    const next = waiting.next();
    leaving.abort(new Error('left'));
    await expect(next).rejects.toThrow('left');
    const early = logs.read({ lines: 500 }, leaving.signal);
    await expect(early.next()).rejects.toThrow('left');
    const half = logs.read({ lines: 500 }, never);
    await half.next();
    await half.return(undefined as never);
  }
  expect(open()).toBeLessThanOrEqual(before + 1);
});
