import { describe, expect, it } from 'vitest';
import { Drive, holding, line } from './support.ts';

describe('what is waited for', () => {
  it('is told 5 s after the worker was asked, with the end and the command that brings it', () => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.feed({ type: 'holding', worker: 1, left: { ...holding, requests: 2, websockets: 1 } });
    drive.pass(4_999).transcript();
    drive.notes();
    drive.pass(1);
    expect(drive.effects).toContainEqual(expect.objectContaining({ event: 'Status', worker: 1 }));
    expect(drive.notes()).toEqual([
      'it still waits for 2 requests, 1 WebSocket, 25 s at most; naught deploy-abort ends it, and with --wait-old false a deploy does not wait',
    ]);
    expect(drive.transcript()).toEqual([line('Status', '0 0 1 1')]);
  });

  it('is told again at growing intervals, and when something else is waited for', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'stop', timeoutMs: null });
    drive.feed({ type: 'holding', worker: 1, left: { ...holding, streams: 1 } });
    const times: number[] = [];
    const until = (end: number) => {
      while (drive.now < end) {
        drive.pass(1_000);
        // What was counted is no news.
        drive.feed({ type: 'holding', worker: 1, left: { ...holding, streams: 1 + (drive.now % 3) } });
        if (drive.notes().length > 0) times.push(drive.now / 1_000);
      }
    };
    until(27_000);
    expect(times).toEqual([5, 10, 20]);
    drive.told(1, 'app');
    until(29_000);
    drive.pass(1_000);
    expect(drive.notes()).toEqual([
      "it still waits for the application, which handles 'shutdown' itself, without a limit; naught stop --timeout 1 ends it",
    ]);
    until(3_600_000);
    expect(times.length).toBeLessThan(25);
  });

  it('is told in one line of 64 workers', () => {
    const drive = new Drive()
      .boot(64)
      .deploy(2, 64)
      .online(...Array.from({ length: 64 }, (_, n) => n + 65));
    for (let worker = 1; worker <= 62; worker++) {
      drive.feed({ type: 'holding', worker, left: { ...holding, websockets: 2, idle: 1 } });
    }
    drive.told(63, 'app');
    drive.notes();
    drive.pass(5_000);
    expect(drive.notes()).toEqual([
      '64 workers still wait for 124 WebSockets, 62 kept-alive connections, the application, which handles ' +
        "'shutdown' itself, an event loop that is blocked, without a limit; naught deploy-abort ends it, and with --wait-old " +
        'false a deploy does not wait',
    ]);
    drive.pass(26_000);
    expect(drive.notes().filter((note) => note.includes('still wait')).length).toBeLessThan(5);
  });

  it('is not told of one that leaves in time, nor of one that is being killed', () => {
    const drive = new Drive().boot(2).deploy(2, 1).online(3);
    drive.pass(4_900).exit(1);
    drive.feed({ type: 'abort' });
    drive.notes();
    drive.pass(60_000);
    expect(drive.notes()).toEqual([]);
  });

  it('names no command where no operation is in progress, and the end of one that is given a time', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'offline', worker: 1 });
    drive.online(2).told(1, 'app').notes();
    expect(drive.pass(5_000).notes()).toEqual([
      "it still waits for the application, which handles 'shutdown' itself, without a limit; --drain-timeout limits it",
    ]);
    drive.feed({ type: 'stop', timeoutMs: 20_000 });
    drive.pass(5_000);
    expect(drive.notes()).toEqual([
      "2 workers still wait for the application, which handles 'shutdown' itself, an event loop that is blocked, " +
        '15 s at most; naught stop --timeout 1 ends it',
    ]);
  });
});
