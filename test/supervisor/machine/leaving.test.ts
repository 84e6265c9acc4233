import { describe, expect, it } from 'vitest';
import { Drive, line } from './support.ts';

describe('a drain', () => {
  it('is cut 30 s after the preload began it, with SIGKILL 5 s later', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    drive.feed({ type: 'draining', worker: 1, by: 'preload' });
    drive.deeds();
    drive.transcript();
    drive.pass(29_999);
    expect(drive.deeds()).toEqual([]);
    drive.pass(1);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
    expect(drive.transcript()).toEqual([line('DestroyOld', '0 0 1 1')]);
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
  });

  it('has the same deadline where the worker never says who drains it', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    drive.deeds();
    drive.pass(30_000);
    expect(drive.effects).toContainEqual(
      expect.objectContaining({ event: 'DestroyOld', note: expect.stringContaining('event loop was blocked') }),
    );
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
    drive.feed({ type: 'draining', worker: 1, by: 'app' });
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
  });

  it('has none with --drain-timeout none', () => {
    const drive = new Drive(null).boot(1);
    drive.deploy(2, 1).online(2);
    drive.deeds();
    drive.pass(3_600_000);
    expect(drive.deeds()).toEqual([]);
  });

  it('by the application has no end of its own', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    drive.pass(1_000);
    drive.feed({ type: 'draining', worker: 1, by: 'app' });
    drive.deeds();
    drive.pass(3_600_000);
    expect(drive.deeds()).toEqual([]);
  });

  it('by the application ends at --drain-timeout when there is one', () => {
    const drive = new Drive(2_000).boot(1);
    drive.deploy(2, 1).online(2);
    drive.feed({ type: 'draining', worker: 1, by: 'app' });
    drive.deeds();
    drive.pass(2_000);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
  });
});

describe('a stop', () => {
  it('asks five workers to leave and waits for each', () => {
    const drive = new Drive().boot(5);
    drive.transcript();
    drive.feed({ type: 'stop', timeoutMs: null });
    for (const id of drive.ids('dying')) drive.exit(id);
    expect(drive.transcript()).toEqual([
      line('ShutdownOld', '0 4 1 0'),
      line('ShutdownOld', '0 3 2 0'),
      line('ShutdownOld', '0 2 3 0'),
      line('ShutdownOld', '0 1 4 0'),
      line('ShutdownOld', '0 0 5 0'),
      line('OldExit', '0 0 4 0'),
      line('OldExit', '0 0 3 0'),
      line('OldExit', '0 0 2 0'),
      line('OldExit', '0 0 1 0'),
      line('OldExit', '0 0 0 0'),
      line('Shutdown', '0 0 0 0'),
    ]);
  });

  it('kills those that hang when its time is over', () => {
    const drive = new Drive().boot(2);
    drive.transcript();
    drive.feed({ type: 'stop', timeoutMs: 300 });
    drive.pass(300).exit(1).exit(2);
    expect(drive.transcript()).toEqual([
      line('ShutdownOld', '0 1 1 0'),
      line('ShutdownOld', '0 0 2 0'),
      line('Timeout', '0 0 2 0'),
      line('DestroyOld', '0 0 2 0'),
      line('DestroyOld', '0 0 2 0'),
      line('OldExit', '0 0 1 0'),
      line('OldExit', '0 0 0 0'),
      line('Shutdown', '0 0 0 0'),
    ]);
  });

  it('is joined by a second one, which can bring a timeout', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'stop', timeoutMs: null });
    expect(drive.feed({ type: 'stop', timeoutMs: 100 })).toEqual([{ type: 'join' }]);
    drive.deeds();
    drive.pass(100);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
  });

  it('does not wait for ever for a worker that was leaving before it', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'offline', worker: 1 });
    drive.online(2);
    drive.feed({ type: 'draining', worker: 1, by: 'app' });
    drive.feed({ type: 'stop', timeoutMs: null });
    drive.deeds();
    drive.exit(2);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
    drive.exit(1);
    expect(drive.state.over).toBe(true);
  });

  it('does not wait for ever for one that says only after the others have left that it drains by itself', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'offline', worker: 1 });
    drive.online(2).feed({ type: 'stop', timeoutMs: null });
    drive.exit(2);
    drive.deeds();
    drive.feed({ type: 'draining', worker: 1, by: 'app' });
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
  });

  it('ends crash loops', () => {
    const drive = new Drive().boot(1);
    drive.exit(1, 1).exit(2, 1);
    drive.feed({ type: 'stop', timeoutMs: null });
    expect(drive.state.over).toBe(true);
  });
});
