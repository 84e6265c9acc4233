import { beforeEach, expect, test, vi } from 'vitest';
import { statusOf } from '../../src/daemon/supervisor/status.ts';
import { Drive, release } from './machine/support.ts';

let drive: Drive;
vi.mock('../../src/daemon/supervisor/clock.ts', () => ({ now: () => drive.now }));
beforeEach(() => {
  drive = new Drive();
});

const status = () => statusOf(drive.state, '2.0.0', { pid: (worker) => 4_710 + worker, load: () => undefined });

test('when nothing is in progress there is no operation', () => {
  drive.boot(1);
  expect(status()).not.toHaveProperty('operation');
  expect(status().workers).toMatchObject([{ slot: 0, pid: 4_711, state: 'online' }]);
  expect(status().workers[0]).not.toHaveProperty('candidate');
});

test('a deploy says of its new workers that they are, and which of them listens only', () => {
  drive.boot(2).deploy(2, 2, 60_000).pass(2_000);
  drive.feed({ type: 'listening', worker: 4 });
  expect(status().operation).toMatchObject({
    type: 'deploy',
    phase: 'new',
    elapsed: 2,
    limit: 58,
    release: 2,
    from: 1,
    newWorkers: 2,
    toLeave: 2,
  });
  const { workers } = status();
  expect(workers.map(({ pid, candidate, listening }) => [pid, candidate, listening])).toEqual([
    [4_711, undefined, undefined],
    [4_713, true, undefined],
    [4_712, undefined, undefined],
    [4_714, true, true],
  ]);
});

test('a worker that leaves says what it holds, for how long, and who ends it', () => {
  drive.boot(1).deploy(2, 1).online(2).pass(3_000);
  const holding = { requests: 1, streams: 0, websockets: 0, other: 0, idle: 2 };
  expect(status().workers[0]).toMatchObject({ leaving: { since: 3, limit: 27, told: false, answered: false } });
  drive.feed({ type: 'holding', worker: 1, left: holding });
  expect(status().workers[0]).toMatchObject({ leaving: { answered: true, holding } });
  drive.told(1, 'app');
  expect(status().workers[0]).toMatchObject({ leaving: { told: true, by: 'app', limit: null } });
  expect(status().operation).toMatchObject({ phase: 'old', limit: null, newWorkers: 1, toLeave: 1 });
});

test('a restart of one worker lets that one alone leave', () => {
  drive.boot(3).feed({ type: 'deploy', release: release(1, 3), slots: [1] });
  expect(status().operation).toMatchObject({ release: 1, newWorkers: 1, toLeave: 1 });
  expect(status().operation).not.toHaveProperty('from');
});

test('a stop has no release, and all leave', () => {
  drive.boot(2).feed({ type: 'stop', timeoutMs: 5_000 });
  const { operation } = status();
  expect(operation).toMatchObject({ type: 'stop', phase: 'shutdown', limit: 5, toLeave: 2 });
  expect(operation).not.toHaveProperty('release');
});
