import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startError } from '../../../src/daemon/supervisor/system.ts';
import { FakeSystem, type FakeWorker, settled, supervise } from './system.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'hrtime'] });
  return () => vi.useRealTimers();
});

const events = (system: FakeSystem) =>
  system.controls[0]
    ?.told('event')
    .map(({ event: { event, worker, note } }) =>
      [event, worker?.exitCode ?? worker?.signal, note].flat().filter(Boolean),
    )
    .map((parts) => parts.join(' '));

describe('a worker that cannot be started', () => {
  it.each([
    ['because the system throws', (system: FakeSystem) => (system.refusal = new Error('spawn EMFILE'))],
    ['because its process never comes to be', (system: FakeSystem) => (system.stillborn = true)],
  ])('makes the boot fail and is named with the reason, %s', async (_how, forbid) => {
    const system = new FakeSystem();
    const spawn = system.forkWorker.bind(system);
    system.forkWorker = (...args) => {
      forbid(system);
      return spawn(...args);
    };
    const { ends } = supervise(system);
    system.workers[0]?.emit('error', new Error('spawn EMFILE'));
    const control = system.controls[0]!;
    control.says({ type: 'ready' });
    const spawnError = `spawn EMFILE ${process.execPath} in /app/1`;
    const error = { message: `worker 0 could not be started (${spawnError}) before it was online` };
    expect(control.told('finish').at(-1)?.end).toMatchObject({ error, failure: { spawnError } });
    control.exit(0);
    await settled();
    expect(ends).toEqual([1]);
  });

  it('as the successor of one that crashed is tried again, later each time', async () => {
    const { system, worker } = await booted();
    system.refusal = new Error('spawn EAGAIN');
    await worker.exit(3);
    const note = `it could not be started (spawn EAGAIN ${process.execPath} in /app/1)`;
    expect(events(system)?.slice(-2)).toEqual(['WorkerDeath 3', `WorkerDeath ${note}`]);
    system.refusal = null;
    await vi.advanceTimersByTimeAsync(70);
    expect(system.workers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(40);
    expect(system.workers).toHaveLength(2);
  });
});

it('the system says the same of a program and of a folder that is not there: what is told says which', () => {
  const error = (code: string) => Object.assign(new Error(`spawn ${process.execPath} ${code}`), { code });
  const { execPath } = process;
  expect(startError(error('ENOENT'), '/nowhere')).toBe(
    `spawn ${execPath} ENOENT in /nowhere: the working directory is not there`,
  );
  expect(startError(error('ENOENT'), '/')).toBe(`spawn ${execPath} ENOENT in /: the program is not there`);
  expect(startError(error('EACCES'), '/')).toBe(`spawn ${execPath} EACCES in /: the program may not be used`);
  expect(startError(new Error('spawn E2BIG'), '/')).toBe(`spawn E2BIG ${execPath} in /`);
});

describe('a worker that dies', () => {
  it('before it is online ends the boot with its exit', async () => {
    const system = new FakeSystem();
    supervise(system);
    await system.workers[0]?.exit(null, 'SIGKILL');
    expect(events(system)).toEqual(['Bootup', 'SpawnNew', 'NewDeath SIGKILL', 'Shutdown']);
  });

  it('while it serves is replaced by one of the same slot and release', async () => {
    const { system, worker } = await booted();
    await worker.exit(3);
    const [first, second] = system.workers;
    expect(second?.settings).toEqual(first?.settings);
    expect(second?.environment).toEqual(first?.environment);
    second?.emit('message', 'online');
    expect(events(system)?.slice(-3)).toEqual(['WorkerDeath 3', 'WorkerOnline', 'Ready']);
  });

  it('while it drains is told with what it had cut', async () => {
    const { system, worker, supervisor } = await booted();
    void supervisor.methods.stop({});
    await settled();
    worker.report({ type: 'cut', connections: { requests: 1, streams: 2, websockets: 0, other: 0 } });
    await worker.exit(0);
    expect(events(system)?.slice(-2)).toEqual(['OldExit cut: 1 request, 2 streams', 'Shutdown']);
  });

  it('is heard of once, although its process has more than one way to say it', async () => {
    const { system, worker } = await booted();
    await worker.exit(1);
    worker.emit('error', new Error('write EPIPE'));
    await worker.exit(1);
    expect(events(system)?.filter((event) => event.startsWith('WorkerDeath'))).toEqual(['WorkerDeath 1']);
    expect(system.workers).toHaveLength(2);
  });
});

describe('a worker that never answers', () => {
  it('gets SIGKILL at its drain deadline, again and again until it is gone', async () => {
    const { system, worker, supervisor } = await booted();
    void supervisor.methods.stop({});
    await settled();
    expect(worker.process.reports.orders).toEqual(['drain']);
    expect(worker.process.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(worker.process.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(worker.process.signals).toEqual(['SIGKILL']);
    await vi.advanceTimersByTimeAsync(9_500);
    expect(worker.process.signals).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL']);
    await worker.exit(null, 'SIGKILL');
    expect(events(system)?.at(-1)).toBe('Shutdown');
  });

  it('and has lost its channel counts as offline a second later, and is replaced', async () => {
    const { system, worker } = await booted();
    worker.process.connected = false;
    worker.emit('disconnect');
    expect(system.workers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(system.workers).toHaveLength(2);
  });

  it('with anything but a string, or in a word that means nothing, has said nothing', async () => {
    const { system, worker } = await booted();
    for (const message of [null, 0, {}, ['offline'], 'metrics', '']) worker.emit('message', message);
    worker.process.reports.emit('data', '\n\nnull\n{}\n{"report":1}\nnot JSON\n');
    expect(events(system)?.at(-1)).toBe('Ready');
    worker.emit('message', 'Offline');
    expect(events(system)).toContain('WorkerOffline');
  });

  it('with reports that lack what they are about, breaks nothing', async () => {
    const { system, worker, supervisor } = await booted();
    void supervisor.methods.stop({});
    await settled();
    for (const rest of ['', ',"path":5', ',"left":7', ',"left":{"requests":"many"}', ',"by":null']) {
      for (const type of ['serving', 'draining', 'holding', 'drained', 'leaving', 'cut']) {
        worker.process.reports.emit('data', `{"type":"${type}"${rest}}\n`);
      }
    }
    await vi.advanceTimersByTimeAsync(6_000);
    expect(events(system)?.at(-1)).toMatch(/^Status it still waits for/);
    expect(system.controls[0]?.told('note')).toEqual([]);
    await worker.exit(0);
    expect(events(system)?.at(-1)).toBe('Shutdown');
  });
});

describe('a worker that writes to the descriptors which are naught’s', () => {
  const rubbish = Array.from({ length: 20_000 }, () => '\n').join('');

  it('is read slowly, and named once with how much it was', async () => {
    const { system, worker } = await booted();
    const { reports } = worker.process;
    for (let chunk = 0; chunk < 3; chunk++) {
      reports.emit('data', rubbish);
      expect(reports.isPaused()).toBe(true);
      await vi.advanceTimersByTimeAsync(100);
      expect(reports.isPaused()).toBe(false);
    }
    worker.report({ type: 'cut', connections: { requests: 1, streams: 0, websockets: 0, other: 0 } });
    await vi.advanceTimersByTimeAsync(5_000);
    reports.emit('data', rubbish);
    await vi.advanceTimersByTimeAsync(5_000);
    const notes = system.controls[0]?.told('note').map(({ text }) => text);
    expect(notes).toEqual([
      "worker 0 (pid 1000) has written 60000 lines to descriptor 4 that are none of naught's; they are ignored",
    ]);
    await worker.exit(0);
    expect(events(system)).toContain('WorkerDeath cut: 1 request');
  });
});

async function booted() {
  const system = new FakeSystem();
  const { supervisor } = supervise(system);
  const worker = system.workers[0] as FakeWorker;
  worker.emit('message', 'online');
  await settled();
  return { system, supervisor, worker };
}
