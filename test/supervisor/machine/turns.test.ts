import { expect, it } from 'vitest';
import { nextDeadline } from '../../../src/daemon/supervisor/machine/deadline.ts';
import { Drive, line, release } from './support.ts';

/** Three old workers that are to leave, on one CPU. */
function leaving(settings: ConstructorParameters<typeof Drive>[0] = {}): Drive {
  const drive = new Drive({ leaveParallel: 1, ...settings }).boot(3).deploy(2, 3);
  drive.transcript();
  drive.effects.splice(0);
  return drive.online(4, 5, 6);
}

it('gives none that is to leave a connection, and tells as many at a time to drain as there are CPUs', () => {
  const drive = leaving();
  expect(drive.transcript().slice(-4)).toEqual([
    line('NewOnline', '0 3 0 3'),
    line('ShutdownOld', '0 2 1 3'),
    line('ShutdownOld', '0 1 2 3'),
    line('ShutdownOld', '0 0 3 3'),
  ]);
  const dismissed = drive.effects.flatMap((effect) => (effect.type === 'dismiss' ? effect.worker : []));
  expect(dismissed).toEqual([1, 2, 3]);
  expect(drive.deeds()).toEqual(['drain 1']);
  drive.feed({ type: 'draining', worker: 1 });
  expect(drive.deeds()).toEqual(['drain 2']);
});

it('ends who is drained before the next one begins, and goes on when it is gone', () => {
  const drive = leaving();
  drive.feed({ type: 'drained', worker: 1 });
  expect(drive.deeds()).toEqual(['drain 1', 'shutdown 1']);
  drive.feed({ type: 'leaving', worker: 1, by: 'preload' });
  expect(drive.deeds()).toEqual([]);
  drive.exit(1);
  expect(drive.deeds()).toEqual(['drain 2']);
});

it('completes a deploy that waits for nobody when all have been told', () => {
  const drive = new Drive({ leaveParallel: 1 }).boot(2);
  drive.feed({ type: 'deploy', release: release(2, 2), waitOld: false });
  drive.effects.splice(0);
  drive.online(3, 4);
  expect(drive.end()).toBeUndefined();
  drive.feed({ type: 'draining', worker: 1 });
  expect(drive.transcript().slice(-2)).toEqual([line('ShutdownOld', '0 0 2 2'), line('Ready', '0 2 2 0')]);
});

it('waits for no application that takes its time to leave', () => {
  const drive = leaving({ drain: 'app' });
  expect(drive.deeds()).toEqual(['shutdown 1']);
  drive.feed({ type: 'leaving', worker: 1, by: 'app' });
  expect(drive.deeds()).toEqual(['shutdown 2']);
});

it('waits half a second for one that says nothing', () => {
  const drive = leaving();
  expect(nextDeadline(drive.state)).toBe(500);
  drive.pass(500);
  expect(drive.deeds()).toEqual(['drain 1', 'drain 2']);
});

it('says for what it is waited when their turn does not come', () => {
  const drive = new Drive({ leaveParallel: 1 }).boot(12).deploy(2, 12);
  drive.online(...drive.ids('booting')).notes();
  drive.pass(5_000);
  expect(drive.notes()[0]).toMatch(
    /^12 workers still wait for an event loop that is blocked, others that leave first, /,
  );
});

it('does not take it for deaf before it was told', () => {
  const drive = leaving({ drainTimeoutMs: 5_200 });
  drive.pass(5_200);
  // The first was told 5.2 s ago, and the last 4.2 s.
  expect(drive.deeds()).toEqual(['drain 1', 'drain 2', 'drain 3', 'SIGKILL 1', 'shutdown 2', 'shutdown 3']);
});
