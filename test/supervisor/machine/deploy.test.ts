import { describe, expect, it } from 'vitest';
import { candidateOf } from '../../../src/daemon/supervisor/machine/state.ts';
import { Drive, line, release } from './support.ts';

describe('a boot', () => {
  it('tells Bootup, one SpawnNew and one NewOnline for each worker, then Ready', () => {
    const drive = new Drive().boot(2);
    expect(drive.transcript()).toEqual([
      line('Bootup', '0 0 0 0'),
      line('SpawnNew', '1 0 0 0'),
      line('SpawnNew', '2 0 0 0'),
      line('NewOnline', '1 0 0 1'),
      line('NewOnline', '0 0 0 2'),
      line('Ready', '0 2 0 0'),
    ]);
    expect(drive.end()).toEqual({ type: 'end' });
    expect(drive.state.current?.number).toBe(1);
  });

  it('ends the daemon with 1 when its worker dies before it is online', () => {
    const drive = new Drive();
    drive.feed({ type: 'boot', release: release(1, 1) });
    drive.exit(1, 7);
    expect(drive.transcript()).toEqual([
      line('Bootup', '0 0 0 0'),
      line('SpawnNew', '1 0 0 0'),
      line('NewDeath', '0 0 0 0'),
      line('Shutdown', '0 0 0 0'),
    ]);
    expect(drive.end()).toMatchObject({ kind: 'boot-failed', failure: { type: 'died', slot: 0, exit: { code: 7 } } });
    expect(drive.effects.at(-1)).toEqual({ type: 'exit', code: 1 });
  });

  it('that was given a time is given up by then, names who was silent, and ends the daemon', () => {
    const drive = new Drive();
    drive.feed({ type: 'boot', release: release(1, 2), timeoutMs: 1_000 });
    drive.feed({ type: 'online', worker: 1 });
    drive.transcript();
    drive.pass(1_000);
    expect(drive.transcript()[0]).toEqual(line('Timeout', '1 0 0 1'));
    drive.exit(1);
    drive.exit(2);
    expect(drive.end()).toMatchObject({ kind: 'boot-failed', failure: { type: 'silent', slot: 1, afterMs: 1_000 } });
    expect(drive.effects.at(-1)).toEqual({ type: 'exit', code: 1 });
  });

  it('is not aborted, but stopped', () => {
    const drive = new Drive();
    drive.feed({ type: 'boot', release: release(1, 1) });
    expect(drive.feed({ type: 'abort' })).toEqual([{ type: 'refuse', kind: 'no-deploy-in-progress' }]);
    drive.transcript();
    drive.feed({ type: 'stop', timeoutMs: null });
    drive.exit(1);
    expect(drive.transcript()).toEqual([
      line('ShutdownOld', '0 0 1 0'),
      line('OldExit', '0 0 0 0'),
      line('Shutdown', '0 0 0 0'),
    ]);
    expect(drive.effects.at(-1)).toEqual({ type: 'exit', code: 0 });
  });
});

describe('a deploy', () => {
  it('asks the old worker to leave only when the new one is online', () => {
    const drive = new Drive().boot(1);
    drive.transcript();
    drive.deploy(2, 1).online(2).exit(1);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 1 0 0'),
      line('NewOnline', '0 1 0 1'),
      line('ShutdownOld', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
    expect(drive.state.current?.number).toBe(2);
  });

  it('grows', () => {
    const drive = new Drive().boot(1);
    drive.transcript();
    drive.deploy(2, 2).online(2, 3).exit(1);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 1 0 0'),
      line('SpawnNew', '2 1 0 0'),
      line('NewOnline', '1 1 0 1'),
      line('NewOnline', '0 1 0 2'),
      line('ShutdownOld', '0 0 1 2'),
      line('OldExit', '0 0 0 2'),
      line('Ready', '0 2 0 0'),
    ]);
  });

  it('shrinks', () => {
    const drive = new Drive().boot(2);
    drive.transcript();
    drive.deploy(2, 1).online(3).exit(1).exit(2);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 2 0 0'),
      line('NewOnline', '0 2 0 1'),
      line('ShutdownOld', '0 1 1 1'),
      line('ShutdownOld', '0 0 2 1'),
      line('OldExit', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
  });

  it('keeps the old workers and the former release when a new one dies before it is online', () => {
    const drive = new Drive().boot(2);
    const before = drive.state.current;
    drive.transcript();
    drive.deploy(2, 2).exit(3, 1).online(4).exit(4, null, 'SIGTERM');
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 2 0 0'),
      line('SpawnNew', '2 2 0 0'),
      line('NewDeath', '1 2 0 0'),
      line('NewOnline', '0 2 0 1'),
      line('DestroyNew', '0 2 0 0'),
      line('NewDestroyed', '0 2 0 0'),
      line('DeployFailed', '0 2 0 0'),
    ]);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'died', slot: 0 } });
    expect(drive.state.current).toBe(before);
    expect(candidateOf(drive.state)).toBeNull();
  });

  it('does not wait for ever for a silent worker once another one has died', () => {
    const drive = new Drive().boot(2);
    drive.deploy(2, 2).exit(3, 1);
    drive.transcript();
    drive.pass(5_000);
    expect(drive.transcript()).toEqual([line('DestroyNew', '0 2 0 0')]);
    drive.exit(4, null, 'SIGTERM');
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'died', slot: 0 } });
  });

  it('fails when a new worker dies after it came online and before the last one did', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 2).online(2).exit(2, 1).online(3);
    expect(drive.ids('online')).toEqual([1]);
    drive.exit(3);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'died', slot: 0, wasOnline: true } });
  });

  it('is given up when its time is over before all new workers are online, and names the silent one', () => {
    const drive = new Drive().boot(1);
    drive.transcript();
    drive.deploy(2, 1, 300).pass(300).exit(2, null, 'SIGTERM');
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 1 0 0'),
      line('Timeout', '1 1 0 0'),
      line('DestroyNew', '0 1 0 0'),
      line('NewDestroyed', '0 1 0 0'),
      line('DeployFailed', '0 1 0 0'),
    ]);
    expect(drive.end()).toMatchObject({ failure: { type: 'silent', slot: 0, afterMs: 300 } });
  });

  it('kills the old workers that hang when its time is over after that, and is complete', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1, 300).online(2);
    drive.transcript();
    drive.deeds();
    drive.pass(300);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
    drive.exit(1, null, 'SIGTERM');
    expect(drive.transcript()).toEqual([
      line('Timeout', '0 0 1 1'),
      line('DestroyOld', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
    expect(drive.end()).toEqual({ type: 'end' });
  });

  it('that does not wait for the old workers is done when they were asked, and several generations leave at once', () => {
    const drive = new Drive().boot(1);
    drive.transcript();
    drive.feed({ type: 'deploy', release: release(2, 1), timeoutMs: null, waitOld: false });
    drive.online(2);
    drive.feed({ type: 'deploy', release: release(3, 1), timeoutMs: null, waitOld: false });
    drive.online(3).exit(1).exit(2);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 1 0 0'),
      line('NewOnline', '0 1 0 1'),
      line('ShutdownOld', '0 0 1 1'),
      line('Ready', '0 1 1 0'),
      line('SpawnNew', '1 1 1 0'),
      line('NewOnline', '0 1 1 1'),
      line('ShutdownOld', '0 0 2 1'),
      line('Ready', '0 1 2 0'),
      line('OldExit', '0 1 1 0'),
      line('OldExit', '0 1 0 0'),
    ]);
  });

  it('refuses a second one, which changes nothing', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1);
    const before = drive.state;
    expect(drive.feed({ type: 'deploy', release: release(3, 9), timeoutMs: 1 })).toEqual([
      { type: 'refuse', kind: 'deploy-in-progress' },
    ]);
    expect(drive.state).toEqual(before);
  });

  it('ends as refused when a stop comes', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1);
    drive.transcript();
    const effects = drive.feed({ type: 'stop', timeoutMs: null });
    expect(effects[0]).toEqual({ type: 'end', kind: 'shutting-down' });
    expect(drive.transcript()).toEqual([line('ShutdownOld', '0 1 1 0'), line('ShutdownOld', '0 0 2 0')]);
  });
});
