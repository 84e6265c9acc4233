import { describe, expect, it } from 'vitest';
import { Drive, holding, line } from './support.ts';

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
