import { describe, expect, it } from 'vitest';
import { Drive, line, release } from './support.ts';

describe("'offline'", () => {
  it('replaces the worker, which goes on leaving', () => {
    const drive = new Drive().boot(1);
    drive.transcript();
    drive.feed({ type: 'offline', worker: 1 });
    drive.online(2).exit(1);
    expect(drive.transcript()).toEqual([
      line('WorkerOffline', '0 0 1 0'),
      line('SpawnNew', '1 0 1 0'),
      line('WorkerOnline', '0 1 1 0'),
      line('Ready', '0 1 1 0'),
      line('WorkerDeath', '0 1 0 0'),
    ]);
  });

  it('replaces it once, however often it is said', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'offline', worker: 1 });
    expect(drive.feed({ type: 'offline', worker: 1 })).toEqual([]);
    expect(drive.state.workers).toHaveLength(2);
  });

  it('of one that is leaving changes nothing', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    expect(drive.feed({ type: 'offline', worker: 1 })).toEqual([]);
  });

  it('is followed by its drain only when its replacement serves', () => {
    const drive = new Drive().boot(1);
    drive.deeds();
    drive.feed({ type: 'offline', worker: 1 });
    expect(drive.deeds()).toEqual(['spawn 2']);
    drive.online(2);
    expect(drive.deeds()).toEqual(['drain 1']);
  });

  it('of a new worker fails its deploy', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online();
    drive.feed({ type: 'offline', worker: 2 });
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'offline' } });
  });

  it('of workers that are still leaving is counted through the next deploy', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'offline', worker: 1 });
    drive.online(2);
    drive.transcript();
    drive.deploy(2, 1).online(3).exit(2);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 1 1 0'),
      line('NewOnline', '0 1 1 1'),
      line('ShutdownOld', '0 0 2 1'),
      line('OldExit', '0 0 1 1'),
      line('Ready', '0 1 1 0'),
    ]);
  });
});

describe("'offline' while the machine is busy", () => {
  it('of a worker that boots at the first boot ends the daemon, when it was drained', () => {
    const drive = new Drive();
    drive.feed({ type: 'boot', release: release(1, 2) });
    drive.online(1).deeds();
    drive.feed({ type: 'offline', worker: 2 });
    expect(drive.deeds().sort()).toEqual(['drain 1', 'drain 2']);
    drive.told(1, 'preload').told(2, 'preload').exit(1).exit(2);
    expect(drive.transcript().slice(-5)).toEqual([
      line('WorkerOffline', '0 0 1 1'),
      line('DestroyNew', '0 0 1 0'),
      line('NewDestroyed', '0 0 1 0'),
      line('WorkerDeath', '0 0 0 0'),
      line('Shutdown', '0 0 0 0'),
    ]);
  });

  it('of an old worker in a deploy drains it when the new release serves, and the deploy does not wait for it', () => {
    const drive = new Drive().boot(1).deploy(2, 1);
    drive.transcript();
    drive.deeds();
    drive.feed({ type: 'offline', worker: 1 });
    expect(drive.deeds()).toEqual(['spawn 3']);
    drive.online(2);
    expect(drive.deeds().sort()).toEqual(['drain 1', 'drain 3']);
    drive.told(3, 'preload').exit(3);
    drive.told(1, 'preload').exit(1);
    expect(drive.transcript()).toEqual([
      line('WorkerOffline', '1 0 1 0'),
      line('SpawnNew', '2 0 1 0'),
      line('NewOnline', '1 0 1 1'),
      line('ShutdownOld', '0 0 2 1'),
      line('OldExit', '0 0 1 1'),
      line('Ready', '0 1 1 0'),
      line('WorkerDeath', '0 1 0 0'),
    ]);
  });

  it('is nothing new in a stop', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'stop', timeoutMs: null });
    expect(drive.feed({ type: 'offline', worker: 1 })).toEqual([]);
  });

  it('before a stop has the stop drain it, although nobody takes its place', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'offline', worker: 1 });
    drive.deeds();
    drive.feed({ type: 'stop', timeoutMs: null });
    expect(drive.deeds().sort()).toEqual(['drain 1', 'drain 2']);
  });
});
