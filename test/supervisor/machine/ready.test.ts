import { describe, expect, it } from 'vitest';
import type { OnlineOn } from '../../../src/daemon/start-config.ts';
import { Drive, line, release } from './support.ts';

const http = { port: 8080 };

/** A daemon whose workers boot, and none of which has said anything. */
function booting(workerCount: number, onlineOn: OnlineOn = 'auto'): Drive {
  const drive = new Drive({ onlineOn });
  drive.feed({ type: 'boot', release: release(1, workerCount) });
  drive.transcript();
  drive.effects = [];
  return drive;
}

describe('--online-on auto', () => {
  it('counts a worker that has listened for 5 s without a word as online, and says so; then all at once when they listen', () => {
    const drive = booting(2);
    drive.feed({ type: 'serving', worker: 1, at: http });
    drive.pass(1_000).feed({ type: 'serving', worker: 2, at: http });
    drive.pass(3_999);
    expect(drive.transcript()).toEqual([]);
    drive.pass(1);
    expect(drive.transcript()).toEqual([
      line('Status', '2 0 0 0'),
      line('NewOnline', '1 0 0 1'),
      line('NewOnline', '0 0 0 2'),
      line('Ready', '0 2 0 0'),
    ]);
    expect(drive.notes()).toEqual([expect.stringContaining('--online-on message')]);
    drive.deploy(2, 1);
    drive.feed({ type: 'serving', worker: 3, at: http });
    drive.exit(1).exit(2);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 2 0 0'),
      line('NewOnline', '0 2 0 1'),
      line('ShutdownOld', '0 1 1 1'),
      line('ShutdownOld', '0 0 2 1'),
      line('OldExit', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
    expect(drive.pass(60_000).notes()).toEqual([]);
  });

  it("waits for the word from the first 'online' on, for good", () => {
    const drive = booting(2);
    drive.feed({ type: 'serving', worker: 1, at: http });
    drive.feed({ type: 'serving', worker: 2, at: http });
    drive.pass(1_000).online(1);
    drive.pass(60_000);
    expect(drive.ids('booting')).toEqual([2]);
    expect(drive.notes()).toEqual([expect.stringContaining('has not said')]);
    drive.online(2).deploy(2, 1);
    drive.feed({ type: 'serving', worker: 3, at: http });
    drive.pass(60_000);
    expect(drive.ids('booting')).toEqual([3]);
  });

  it('waits for the word also when it was first said by a worker that had been counted without', () => {
    const drive = booting(1);
    drive.feed({ type: 'serving', worker: 1, at: http });
    drive.pass(5_000).online(1).deploy(2, 1);
    drive.feed({ type: 'serving', worker: 2, at: http });
    expect(drive.pass(4_000).ids('booting')).toEqual([2]);
  });

  it('does not count a worker that is only known to listen by what it asked of the supervisor', () => {
    const drive = booting(1);
    drive.feed({ type: 'listening', worker: 1 });
    drive.pass(60_000);
    expect(drive.ids('booting')).toEqual([1]);
  });

  it('does not count one that died before its time', () => {
    const drive = booting(1);
    drive.feed({ type: 'serving', worker: 1, at: http });
    drive.pass(4_999).exit(1, 1).pass(60_000);
    expect(drive.transcript()).toEqual([line('NewDeath', '0 0 0 0'), line('Shutdown', '0 0 0 0')]);
  });
});

describe('--online-on listening', () => {
  it('counts a worker at its first server', () => {
    const drive = booting(1, 'listening');
    drive.feed({ type: 'serving', worker: 1, at: { path: '/run/app.sock' } });
    expect(drive.ids('online')).toEqual([1]);
  });

  it.each<[string, OnlineOn, object, object]>([
    ['port', 'listening:8080', { port: 9100 }, http],
    ['socket', 'listening:app.sock', { path: '/other/app.sock' }, { path: '/app/1/app.sock' }],
    ['socket, as the worker named it', 'listening:/app/1/app.sock', http, { path: './app.sock' }],
  ])(
    'with a %s counts it when that one listens, and says after 5 s that it is missing',
    (_what, onlineOn, other, at) => {
      const drive = booting(1, onlineOn);
      drive.feed({ type: 'serving', worker: 1, at: other as { port: number } });
      drive.pass(60_000);
      expect(drive.ids('booting')).toEqual([1]);
      expect(drive.notes()).toEqual([expect.stringContaining(`at ${onlineOn.slice('listening:'.length)}`)]);
      drive.feed({ type: 'serving', worker: 1, at: at as { port: number } });
      expect(drive.ids('online')).toEqual([1]);
    },
  );

  it("counts the word 'online', too", () => {
    expect(booting(1, 'listening:8080').online(1).ids('online')).toEqual([1]);
  });
});

it('--online-on message never counts a worker that only listens', () => {
  const drive = booting(1, 'message');
  drive.feed({ type: 'serving', worker: 1, at: http });
  drive.pass(60_000);
  expect(drive.ids('booting')).toEqual([1]);
  expect(drive.notes()).toEqual([expect.stringContaining("process.send('online')")]);
});
