import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSystem, settled, supervise } from './system.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'hrtime'] });
  return () => vi.useRealTimers();
});

describe('a control process that cannot be started', () => {
  it('is tried at once, then later each time, up to 5 s, and the workers run meanwhile', async () => {
    const system = new FakeSystem();
    const tries: number[] = [];
    const fork = system.forkControl.bind(system);
    const begun = performance.now();
    system.forkControl = () => {
      tries.push(Math.round(performance.now() - begun));
      if (tries.length < 10) throw new Error('spawn EAGAIN');
      return fork();
    };
    supervise(system);
    expect(system.workers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(30_000);
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(pauses.map((ms) => Math.floor(ms / 100) * 100)).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(system.controls[0]?.told('attach')).toMatchObject([{ restarts: 9, lastDeath: 'Error: spawn EAGAIN' }]);
  });
});

describe('a control process that dies', () => {
  it('is started again, and told why its predecessor died, with the last that it said', async () => {
    const system = new FakeSystem();
    supervise(system);
    system.controls[0]?.stderr.emit('data', 'out of memory\n');
    system.controls[0]?.exit(null, 'SIGABRT');
    await vi.advanceTimersByTimeAsync(10);
    const lastDeath = 'it was killed by SIGABRT: out of memory';
    expect(system.controls[1]?.told('attach')).toMatchObject([{ restarts: 1, lastDeath }]);
  });

  it('leaves to the next what it has not logged, and the clients that it has not taken', async () => {
    const system = new FakeSystem();
    const { connect } = supervise(system);
    connect();
    connect();
    const [first] = system.controls;
    first?.says({ type: 'client-taken', id: 1 });
    first?.says({ type: 'logged', entry: 1 });
    first?.exit(1);
    await vi.advanceTimersByTimeAsync(10);
    const [, second] = system.controls;
    expect(second?.told('client').map(({ id }) => id)).toEqual([2]);
    expect(second?.told('attach')[0]?.unlogged.map(({ entry }) => entry)).toEqual([2]);
    expect(second?.told('attach')[0]?.operation).toMatchObject({ kind: 'boot', events: [{}, {}] });
  });

  it('at the very end is started once more, so that the logs are written to their ends', async () => {
    const { system, ends } = await stopped();
    system.controls[0]?.exit(null, 'SIGKILL');
    await vi.advanceTimersByTimeAsync(10);
    expect(ends).toEqual([]);
    system.controls[1]?.says({ type: 'ready' });
    expect(system.controls[1]?.told('finish')).toHaveLength(1);
    system.controls[1]?.exit(0);
    await settled();
    expect(ends).toEqual([0]);
  });

  it('at the very end again and again keeps nobody waiting', async () => {
    const { system, ends } = await stopped();
    for (const at of [0, 1, 2]) {
      system.controls[at]?.exit(1);
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(ends).toEqual([0]);
  });
});

describe('a control process that hangs', () => {
  it('is killed within 5 s, and another one is started that is told so', async () => {
    const system = new FakeSystem();
    const { connect } = supervise(system);
    await vi.advanceTimersByTimeAsync(10_000);
    const [first] = system.controls;
    first!.lives = false;
    connect();
    await vi.advanceTimersByTimeAsync(3_500);
    expect(first?.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(first?.signals).toEqual(['SIGKILL']);
    first?.exit(null, 'SIGKILL');
    await vi.advanceTimersByTimeAsync(100);
    const [, second] = system.controls;
    expect(second?.told('attach')).toMatchObject([{ lastDeath: 'it hung, and was killed after 4 s' }]);
    expect(second?.told('client')).toHaveLength(1);
    second?.exit(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(system.controls[2]?.told('attach')).toMatchObject([{ lastDeath: 'it exited with code 1' }]);
  });

  it('has more time while it is loaded, on a machine that has much to do', async () => {
    const system = new FakeSystem();
    const fork = system.forkControl.bind(system);
    system.forkControl = () => {
      const control = fork();
      system.controls.at(-1)!.lives = false;
      return control;
    };
    supervise(system);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(system.controls[0]?.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(system.controls[0]?.signals).toContain('SIGKILL');
  });

  it('keeps at most 64 clients waiting: others are told, and those that have left are forgotten', async () => {
    const system = new FakeSystem();
    const { connect } = supervise(system);
    system.controls[0]!.lives = false;
    const clients = Array.from({ length: 64 }, connect);
    const refused = connect();
    expect(refused.text).toMatch(/^HTTP\/1\.1 503 .*\r\n\r\n\{.*"kind":"unavailable".*\}$/s);
    expect(clients.map(({ text }) => text).join('')).toBe('');
    for (const client of clients.slice(0, 3)) client.gone = true;
    await vi.advanceTimersByTimeAsync(1_000);
    const later = Array.from({ length: 4 }, connect);
    expect(later.map(({ text }) => text.slice(9, 12))).toEqual(['', '', '', '503']);
  });
});

describe('a client that control did not get, for want of a descriptor', () => {
  it('is sent again while control lives, and told when that is of no use', async () => {
    const system = new FakeSystem();
    const { connect } = supervise(system);
    const [control] = system.controls;
    const client = connect();
    const other = connect();
    control?.says({ type: 'client-taken', id: 2 });
    expect(other.destroyed).toBe(true);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(control?.told('client').map(({ id }) => id)).toEqual([1, 2, 1, 1]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(control?.told('client')).toHaveLength(6);
    expect(client.text).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe('a control process that never answers', () => {
  it('at the end is killed after 30 s, and the daemon ends', async () => {
    const { system, ends } = await stopped();
    await vi.advanceTimersByTimeAsync(29_000);
    expect(system.controls[0]?.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(system.controls[0]?.signals).toEqual(['SIGKILL']);
    expect(ends).toEqual([0]);
  });
});

/** Every worker has left, and control is told to finish. */
async function stopped() {
  const system = new FakeSystem();
  const { supervisor, ends } = supervise(system);
  system.controls[0]?.says({ type: 'ready' });
  system.workers[0]?.emit('message', 'online');
  void supervisor.methods.stop({});
  await system.workers[0]?.exit(0);
  expect(system.controls[0]?.told('finish')).toHaveLength(1);
  return { system, ends };
}
