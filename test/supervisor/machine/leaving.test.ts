import { describe, expect, it } from 'vitest';
import { Drive, line } from './support.ts';

const holding = { requests: 0, streams: 0, websockets: 0, other: 0, idle: 0 };

describe('a worker that is asked to leave', () => {
  it("is drained first, and hears 'shutdown' when it says that it is", () => {
    const drive = new Drive().boot(1).deploy(2, 1);
    drive.deeds();
    drive.online(2);
    expect(drive.deeds()).toEqual(['drain 1']);
    drive.feed({ type: 'draining', worker: 1 });
    drive.feed({ type: 'holding', worker: 1, left: { ...holding, requests: 1 } });
    expect(drive.deeds()).toEqual([]);
    drive.feed({ type: 'drained', worker: 1 });
    drive.feed({ type: 'drained', worker: 1 });
    expect(drive.deeds()).toEqual(['shutdown 1']);
  });

  it.each(['a deploy', 'a deploy that shrinks', 'a stop', 'its own word'])('is drained first by %s', (why) => {
    const drive = new Drive().boot(2);
    drive.deeds();
    if (why === 'a stop') drive.feed({ type: 'stop', timeoutMs: null });
    else if (why === 'its own word') {
      for (const worker of [1, 2]) drive.feed({ type: 'offline', worker });
      drive.online(3, 4);
    } else drive.deploy(2, why === 'a deploy' ? 2 : 1).online(...drive.ids('booting'));
    expect(drive.deeds().filter((deed) => !deed.startsWith('spawn'))).toEqual(['drain 1', 'drain 2']);
    drive.feed({ type: 'drained', worker: 2 });
    expect(drive.deeds()).toEqual(['shutdown 2']);
  });

  it("hears 'shutdown' at once with --drain app", () => {
    const drive = new Drive({ drain: 'app' }).boot(1).deploy(2, 1);
    drive.deeds();
    drive.online(2);
    expect(drive.deeds()).toEqual(['shutdown 1']);
  });

  it("hears 'shutdown' once, at its drain deadline at the latest, and has a last moment for what it does then", () => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.feed({ type: 'draining', worker: 1 });
    drive.deeds();
    drive.pass(30_000);
    expect(drive.deeds()).toEqual(['shutdown 1']);
    drive.feed({ type: 'drained', worker: 1 });
    drive.pass(999);
    expect(drive.deeds()).toEqual([]);
    drive.pass(1);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
  });

  it('that naught ends is cut as soon as it has heard it after the deadline', () => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.feed({ type: 'draining', worker: 1 });
    drive.pass(30_000).deeds();
    drive.feed({ type: 'leaving', worker: 1, by: 'preload' });
    expect(drive.pass(0).deeds()).toEqual(['SIGTERM 1']);
  });

  it.each([
    ['preload', 'app', ['SIGTERM 1']],
    ['app', 'preload', []],
  ] as const)('is taken at its first word of who ends it (%s, then %s)', (first, second, deeds) => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.feed({ type: 'drained', worker: 1 });
    drive.deeds();
    for (const by of [first, second]) drive.feed({ type: 'leaving', worker: 1, by });
    expect(drive.pass(30_000).deeds()).toEqual(deeds);
    expect(drive.state.workers[0]).toMatchObject({ leaving: { by: first } });
  });

  it('that ends by itself has the time that it needs, also when it heard it only at the deadline', () => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.feed({ type: 'draining', worker: 1 });
    drive.pass(30_000).deeds();
    drive.feed({ type: 'leaving', worker: 1, by: 'app' });
    expect(drive.pass(3_600_000).deeds()).toEqual([]);
  });

  it('is drained as one of a deploy that fails, too, if it serves, and then has 5 s', () => {
    const drive = new Drive().boot(2).deploy(2, 2).online(3);
    drive.deeds();
    drive.exit(4, 1);
    expect(drive.deeds()).toEqual(['drain 3']);
    drive.feed({ type: 'drained', worker: 3 });
    drive.feed({ type: 'leaving', worker: 3, by: 'app' });
    expect(drive.deeds()).toEqual(['shutdown 3']);
    expect(drive.pass(5_000).deeds()).toEqual(['SIGTERM 3']);
  });

  it('is not given more time by a word that it says before it was told', () => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.deeds();
    drive.feed({ type: 'leaving', worker: 1, by: 'app' });
    expect(drive.pass(31_000).deeds()).toEqual(['shutdown 1', 'SIGTERM 1']);
  });

  it('is killed by a deploy-abort, drained or not', () => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.deeds();
    drive.feed({ type: 'abort' });
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
    expect(drive.pass(1_000).deeds()).toEqual(['SIGKILL 1']);
  });
});

describe('a drain', () => {
  it('is cut 30 s after the worker was asked to leave, with SIGKILL 5 s later', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    drive.told(1, 'preload');
    drive.deeds();
    drive.pass(29_999);
    expect(drive.deeds()).toEqual([]);
    drive.transcript();
    drive.pass(1);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
    expect(drive.transcript()).toContain(line('DestroyOld', '0 0 1 1'));
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
  });

  it('kills at once what never says anything', () => {
    const drive = new Drive().boot(1).deploy(2, 1).online(2);
    drive.transcript();
    drive.deeds();
    drive.pass(29_999);
    expect(drive.deeds()).toEqual([]);
    drive.pass(1);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
    drive.exit(1, null, 'SIGKILL');
    expect(drive.transcript().filter((event) => !event.startsWith('Status'))).toEqual([
      line('DestroyOld', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
  });

  it('asks what has said nothing yet by a short deadline with SIGTERM first', () => {
    const drive = new Drive({ drainTimeoutMs: 500 }).boot(1).deploy(2, 1).online(2);
    drive.deeds();
    drive.pass(1_500);
    expect(drive.deeds()).toEqual(['shutdown 1', 'SIGTERM 1']);
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
  });

  it("ends also where the worker never takes 'shutdown'", () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    drive.feed({ type: 'draining', worker: 1 });
    drive.deeds();
    drive.pass(31_000);
    expect(drive.effects).toContainEqual(
      expect.objectContaining({ event: 'DestroyOld', note: expect.stringContaining('event loop was blocked') }),
    );
    expect(drive.deeds()).toEqual(['shutdown 1', 'SIGTERM 1']);
    drive.feed({ type: 'leaving', worker: 1, by: 'app' });
    drive.pass(5_000);
    expect(drive.deeds()).toEqual(['SIGKILL 1']);
  });

  it('has none with --drain-timeout none', () => {
    const drive = new Drive({ drainTimeoutMs: null }).boot(1);
    drive.deploy(2, 1).online(2);
    drive.deeds();
    drive.pass(3_600_000);
    expect(drive.deeds()).toEqual([]);
  });

  it('by the application has no end of its own', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2);
    drive.pass(1_000);
    drive.told(1, 'app');
    drive.deeds();
    drive.pass(3_600_000);
    expect(drive.deeds()).toEqual([]);
  });

  it('by the application ends at --drain-timeout when there is one', () => {
    const drive = new Drive({ drainTimeoutMs: 2_000 }).boot(1);
    drive.deploy(2, 1).online(2);
    drive.told(1, 'app');
    drive.deeds();
    drive.pass(2_000);
    expect(drive.deeds()).toEqual(['SIGTERM 1']);
  });
});

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
