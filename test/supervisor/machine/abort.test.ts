import { describe, expect, it } from 'vitest';
import { Drive, line } from './support.ts';

describe('an abort', () => {
  it('destroys the new workers, which may be online, and leaves the old ones alone', () => {
    const drive = new Drive().boot(2);
    const before = drive.state.workers;
    drive.deploy(2, 2).online(4);
    drive.transcript();
    drive.feed({ type: 'abort' });
    drive.exit(4).exit(3);
    expect(drive.transcript()).toEqual([
      line('DestroyNew', '1 2 0 0'),
      line('DestroyNew', '0 2 0 0'),
      line('NewDestroyed', '0 2 0 0'),
      line('NewDestroyed', '0 2 0 0'),
      line('Ready', '0 2 0 0'),
    ]);
    expect(drive.end()).toMatchObject({ kind: 'deploy-aborted' });
    expect(drive.state.workers).toEqual(before);
  });

  it('lets a new worker that listens finish its requests, but not for long', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1);
    drive.feed({ type: 'listening', worker: 2 });
    drive.deeds();
    drive.feed({ type: 'abort' });
    expect(drive.deeds()).toEqual(['drain 2']);
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['shutdown 2']);
    drive.pass(1_000);
    expect(drive.deeds()).toEqual(['SIGTERM 2']);
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 2']);
  });

  it('kills the old workers that hang when all new ones are online, and the deploy is complete', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    drive.transcript();
    drive.feed({ type: 'abort' });
    drive.exit(1, null, 'SIGTERM');
    expect(drive.transcript()).toEqual([
      line('DestroyOld', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
    expect(drive.end()).toEqual({ type: 'end' });
    expect(drive.state.current?.number).toBe(2);
  });

  it('is refused when there is nothing to abort, and when the server is shutting down', () => {
    const drive = new Drive().boot(1);
    expect(drive.feed({ type: 'abort' })).toEqual([{ type: 'refuse', kind: 'no-deploy-in-progress' }]);
    drive.feed({ type: 'stop', timeoutMs: null });
    expect(drive.feed({ type: 'abort' })).toEqual([{ type: 'refuse', kind: 'shutting-down' }]);
  });
});
