import { describe, expect, it } from 'vitest';
import { Drive, line } from './support.ts';

const _holding = { requests: 0, streams: 0, websockets: 0, other: 0, idle: 0 };

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
    expect(drive.feed({ type: 'stop', timeoutMs: 100 })).toEqual([{ type: 'join', operation: 2 }]);
    drive.deeds();
    drive.pass(100);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
  });

  it('does not wait for ever for a worker that was leaving before it', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'offline', worker: 1 });
    drive.online(2);
    drive.told(1, 'app');
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
    drive.told(1, 'app');
    expect(drive.deeds()).toEqual(['shutdown 1', 'SIGTERM 1']);
  });

  it('ends crash loops', () => {
    const drive = new Drive().boot(1);
    drive.exit(1, 1).exit(2, 1);
    drive.feed({ type: 'stop', timeoutMs: null });
    expect(drive.state.over).toBe(true);
  });
});
