import { expect, test } from 'vitest';
import { clockText } from '../../../src/cli/output/label.ts';
import { eventLine } from '../../../src/cli/output/plain-events.ts';
import { isLive, type Look, lookOf } from '../../../src/cli/output/terminal/look.ts';
import { overviewOf } from '../../../src/cli/output/terminal/overview.ts';
import { cut, wrapped } from '../../../src/cli/output/terminal/text.ts';
import { ageText, bytesText, rateText } from '../../../src/cli/output/terminal/units.ts';
import type { WorkerStatus } from '../../../src/protocol/status-schemas.ts';
import { counts, event, status } from '../support/control.ts';

const look: Look = { columns: 80, rows: 24, color: false, unicode: true };

const busy: WorkerStatus = {
  slot: 0,
  pid: 4711,
  state: 'online',
  release: 3,
  uptime: 11_000,
  crashes: 0,
  restarts: 2,
  memory: 64 * 1024 * 1024,
  cpu: 0.034,
  requestsPerSecond: 120,
  eventLoopDelay: 1.25,
};
const fresh: WorkerStatus = { slot: 11, pid: 5120, state: 'booting', release: 4, uptime: 0.4, crashes: 0, restarts: 0 };

test('a table has a row for each worker', () => {
  expect(overviewOf(status({ workers: [busy, fresh] }), 'naught.ipc', look)).toEqual([
    '',
    'slot   pid  release  state    up          restarts  memory  cpu  req/s   delay',
    '   0  4711        3  online   3 h 03 min         2   64 MB  3 %    120  1.3 ms',
    '  11  5120        4  booting  0.4 s              0       -    -      -       -',
  ]);
});

test('a table leaves out what nobody knows', () => {
  const [, heading] = overviewOf(status({ workers: [fresh] }), 'naught.ipc', look);
  expect(heading).toBe('slot   pid  release  state    up     restarts');
});

test.each([
  [60, 'slot   pid  release  state   up          memory  cpu  req/s'],
  [40, 'slot   pid  state   up          req/s'],
  [20, 'slot   pid  state'],
  [5, 'slot'],
])('in %d columns a table has those that matter most', (columns, expected) => {
  expect(overviewOf(status({ workers: [busy] }), 'naught.ipc', { ...look, columns })[1]).toBe(expected);
});

test('what is in progress follows, with what ends it', () => {
  const operation = {
    type: 'deploy',
    phase: 'new',
    startedAt: '',
    elapsed: 12,
    limit: 48,
    release: 4,
    from: 3,
  } as const;
  const young = { ...fresh, uptime: 12, candidate: true } as const;
  const lines = overviewOf(
    status({ workers: [busy, young], operation: { ...operation, newWorkers: 1, toLeave: 1 } }),
    'shop.ipc',
    look,
  );
  expect(lines.slice(-5)).toEqual([
    '',
    'deploy release 4 after 3  12 s',
    'new ░░░░░░░░░░░░░░░░░░░░ 0/1   old ░░░░░░░░░░░░░░░░░░░░ 0/1',
    'waits: worker 11 (pid 5120): not online yet, for 12 s',
    'timeout in 48 s; naught deploy-abort shop.ipc aborts it',
  ]);
});

test.each([
  [0.04, '0.0 s'],
  [9.96, '10 s'],
  [59.6, '1 min 00 s'],
  [3_599.6, '1 h 00 min'],
  [86_400 * 8 + 3_600 * 4, '8 d 4 h'],
])('%d s are %s', (seconds, expected) => {
  expect(ageText(seconds)).toBe(expected);
});

test('sizes and rates are short', () => {
  expect([0, 999, 1_024, 1_300_000_000].map(bytesText)).toEqual(['0 B', '999 B', '1.0 kB', '1.2 GB']);
  expect([0, 0.25, 9.96, 1234.5].map(rateText)).toEqual(['0', '0.3', '10', '1235']);
});

test('text that others wrote moves no cursor, and is cut between characters', () => {
  expect(cut('a\u001b[2Jb\tc\nd', 80)).toBe('a\\u001b[2Jb c d');
  expect(cut('日本語', 5)).toBe('日本');
  expect(cut('👩‍👩‍👧x', 2)).toBe('👩‍👩‍👧');
  expect(wrapped('one two three four', 9, 2)).toEqual(['one two', 'three']);
});

test.each<[boolean, NodeJS.ProcessEnv, boolean]>([
  [true, { TERM: 'xterm' }, true],
  [false, { TERM: 'xterm' }, false],
  [true, { TERM: 'dumb' }, false],
  [true, {}, false],
  [true, { TERM: 'xterm', CI: 'true' }, false],
  [true, { TERM: 'xterm', CI: 'false' }, true],
])('a terminal: %s, in %j, is live: %s', (isTTY, env, expected) => {
  expect(isLive({ isTTY }, env)).toBe(expected);
});

test.each<[NodeJS.ProcessEnv, boolean, boolean]>([
  [{}, false, true],
  [{ NO_COLOR: '1' }, false, false],
  [{ NO_COLOR: '' }, false, true],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, false, false],
  [{ FORCE_COLOR: '1' }, true, false],
])('in %j, --no-color: %s, there are colours: %s', (env, noColor, expected) => {
  const stream = { columns: 0, rows: 0, hasColors: () => true };
  expect(lookOf(stream, noColor, env)).toMatchObject({ color: expected, columns: 80, rows: 24 });
});

test('an event is a line: as the log has it, or with the time of day and colours', () => {
  const died = {
    ...event('WorkerDeath', counts(0, 1)),
    worker: { slot: 1, pid: 7, exitCode: 3 },
    note: 'so \u001b[2J',
  };
  expect(eventLine(died, null)).toBe(
    '2026-01-01T00:00:00.000Z WorkerDeath. booting: 0, online: 1, dying: 0, new_online: 0 worker: 1 (pid 7) exit code: 3 - so \\u001b[2J',
  );
  const time = clockText(died.time);
  expect(time).toMatch(/^\d\d:\d0:00\.000$/);
  expect(eventLine(died, { color: true })).toContain(`\u001b[2m${time}\u001b[0m \u001b[31mWorkerDeath\u001b[0m. `);
});
