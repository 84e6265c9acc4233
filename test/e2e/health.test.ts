import { beforeAll, describe, expect, it } from 'vitest';
import { Load } from '../../bench/load.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';

// One daemon for the file: each test leaves two healthy workers.
describe('workers that are asked for their health', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    const health = ['--health', '/health', '--health-every', '0.2', '--health-timeout', '2'];
    await naught.start(['--worker-count', '2', '--drain-timeout', '2', ...health, server]);
    return () => naught[Symbol.asyncDispose]();
  });

  /** Waits until another worker serves the slot. */
  const replaced = (slot: number, old: number) =>
    eventually(async () => ((await naught.worker(slot).catch(() => old)) === old ? undefined : true), 60_000);

  it('a release that is not healthy fails its deploy with what it answers, and the former one goes on', async () => {
    const before = (await naught.status()).workers.map(({ pid }) => pid);
    const deployed = await naught.run(['deploy', '--env', 'ILL=1', '--timeout', '3']);
    expect(deployed.code).toBe(1);
    expect(deployed.stderr).toMatch(
      /worker \d \(pid \d+\) was not healthy after 3\.0 s: GET \/health: status 503, \d+ times/,
    );
    expect(deployed.stderr).toContain('in a row: no database');
    // The last words of that worker.
    expect(deployed.stderr).toMatch(/worker \d serves/);
    expect((await naught.settled('0 2 0 0')).workers.map(({ pid }) => pid)).toEqual(before);
  });

  it('is online without being asked when its deploy turns that off', async () => {
    const ill = await naught.run(['deploy', '--env', 'ILL=1', '--health', 'none', '--timeout', '60']);
    expect(ill).toMatchObject({ code: 0 });
    const well = await naught.run(['deploy', '--unset', 'ILL', '--timeout', '60']);
    expect(well).toMatchObject({ code: 0 });
  });

  it('one that falls ill later is replaced without a request being lost', async () => {
    const load = new Load({ port: Number(naught.env.PORT), clients: 4, keepAlive: true, pauseMs: 5 });
    const old = await naught.worker(0);
    naught.write(`ill-${old}`);
    await replaced(0, old);
    const { workers } = await naught.settled('0 2 0 0');
    expect(workers).toMatchObject([
      { slot: 0, restarts: 1 },
      { slot: 1, restarts: 0 },
    ]);
    const counted = await eventually(async () =>
      (await naught.status()).workers.find(({ answers }) => (answers?.['2xx'] ?? 0) > 0),
    );
    expect(counted).toMatchObject({ memory: expect.any(Number), latency: { count: expect.any(Number) } });
    await load.stop();
    expect(load.lost).toBe(0);
    expect(await naught.logged(/Unhealthy/)).toContain('GET /health: status 503, 3 times in a row: no database');
  });

  it('one whose event loop stands still is replaced', async () => {
    const old = await naught.worker(1);
    await naught.ask('/block', 1);
    await naught.logged('GET /health: no answer: its event loop is blocked');
    await replaced(1, old);
  });

  it.each<[string, string[], RegExp]>([
    ['a path that is none', ['--health', 'health'], /^--health must be a path such as \/health, .*not `health`/],
    ['a whole address', ['--health', 'http://a.test/'], /^--health must be a path/],
    ['a path with a space', ['--health', '/a b'], /^--health must be a path/],
    ['no time', ['--health-timeout', '0'], /^--health-timeout must be seconds above 0/],
    ['too often', ['--health-every', '0.01'], /^--health-every must be seconds from 0\.1/],
  ])('%s is refused', async (_what, options, message) => {
    const refused = await naught.run(['deploy', ...options]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });

  it('a time without a path is refused', async () => {
    const started = await naught.run(['start', '--health-every', '1', '--ipc-file', 'other.ipc', server]);
    expect(started).toMatchObject({ code: 2, stderr: expect.stringMatching(/^--health-every needs --health/) });
    const deployed = await naught.run(['deploy', '--health', 'none', '--health-every', '1']);
    expect(deployed).toMatchObject({ code: 2, stderr: expect.stringContaining('--health-every needs health') });
    expect((await naught.status()).waitingFor).toBeNull();
  });
});
