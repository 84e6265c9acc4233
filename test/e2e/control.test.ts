import { beforeAll, describe, expect, it } from 'vitest';
import { Load } from '../../bench/load.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';
import { childrenOf, isAlive, kill, processes } from '../support/processes.ts';

describe('when the control process is killed', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start(['--worker-count', '2', server]);
    return () => naught[Symbol.asyncDispose]();
  });

  const control = () => {
    const daemon = naught.pid() ?? 0;
    const found = processes().find(({ parent, title }) => parent === daemon && title === 'naught: control');
    return found?.pid;
  };
  const killControl = async () => {
    const pid = await eventually(control);
    kill(pid);
    return pid;
  };
  const notes = () =>
    naught.read('naught.log').match(/ warn control was started again: it was killed by SIGKILL/g)?.length ?? 0;

  it('the daemon and its workers go on, another one answers, and the log has a note', async () => {
    const before = await naught.status();
    const load = new Load({ port: Number(naught.env.PORT), clients: 2 });
    await eventually(() => (load.tally.ok > 10 ? true : undefined));
    const killed = await killControl();
    expect(await naught.run(['status'])).toEqual({ code: 0, signal: null, stdout: 'workers online: 2\n', stderr: '' });
    await naught.logged('control was started again: it was killed by SIGKILL');
    expect(control()).not.toBe(killed);
    const after = await naught.status();
    expect(after).toMatchObject({ pid: before.pid, release: 1 });
    expect(after.workers.map(({ pid }) => pid)).toEqual(before.workers.map(({ pid }) => pid));
    expect(await load.stop()).toMatchObject({ refused: 0, reset: 0, empty: 0, torn: 0, hung: 0 });
  });

  it('a deploy goes on to its end, and so does its command, and whoever asks the new one sees it from its first event', async () => {
    naught.write('boot', 'wait:go');
    const deploying = naught.begin(['deploy', '--worker-count', '3']);
    await deploying.says('SpawnNew. booting: 3');
    await killControl();
    const following = naught.call('GET', '/status', { headers: { accept: 'application/x-ndjson' } });
    const refused = await naught.run(['deploy']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Deploy already in progress') });
    naught.write('go');
    const lines = (await following).body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, 3).map(({ event, count }) => `${event} ${count.booting}`)).toEqual([
      'SpawnNew 1',
      'SpawnNew 2',
      'SpawnNew 3',
    ]);
    expect(lines.at(-1)).toMatchObject({ result: { release: 2, workerCount: 3, count: { online: 3 } } });
    expect(await naught.status()).toMatchObject({ release: 2, count: { online: 3 } });
    const { code, stderr } = await deploying.ended;
    expect(code).toBe(0);
    expect(stderr.split('\n').filter((line) => line.startsWith('SpawnNew'))).toHaveLength(3);
    expect(stderr).toMatch(/\nOldExit\. booting: 0, online: 0, dying: 0, new_online: 3\ndone\n$/);
    await eventually(() => (notes() === 2 ? true : undefined));
    expect(naught.events().at(-1)).toBe('Ready 0 3 0 0');
    naught.remove('go');
    naught.remove('boot');
  });

  it('a deploy can be aborted, fail, and succeed afterwards', async () => {
    const deploying = naught.begin(['deploy'], { env: { BOOT: 'silent' } });
    await deploying.says('SpawnNew. booting: 3');
    await killControl();
    expect(await naught.run(['deploy-abort'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/deploy aborted\n$/),
    });
    expect(await deploying.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/deploy aborted\n$/) });
    const failed = await naught.run(['deploy'], { env: { BOOT: 'exit:3', LAST_WORDS: '1' } });
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('last words 1') });
    expect(await naught.run(['deploy', '--worker-count', '1'])).toMatchObject({ code: 0 });
    expect(await naught.status()).toMatchObject({ release: 5, count: { online: 1 } });
  });

  it('what the workers write meanwhile is in the logs', async () => {
    const written = naught.read('stdout.log');
    await killControl();
    await naught.replace(0);
    await eventually(() => (naught.read('stdout.log') === `${written}worker 0 listens\n` ? true : undefined));
  });

  it('the log has every event that it did not live to write', async () => {
    const deaths = () => naught.events().filter((event) => event.startsWith('WorkerDeath')).length;
    const before = deaths();
    const pid = await eventually(control);
    kill(pid, 'SIGSTOP');
    const worker = (await naught.facts(0)).pid;
    kill(worker);
    // Another one serves: the event was sent to a process that does not read it.
    await eventually(async () => ((await naught.facts(0)).pid === worker ? undefined : true));
    kill(pid);
    await eventually(() => (deaths() === before + 1 ? true : undefined));
    const { workers } = await naught.settled('0 1 0 0');
    expect(naught.read('naught.log')).toContain(
      `WorkerOnline. booting: 0, online: 1, dying: 0, new_online: 0 worker: 0 (pid ${workers[0]?.pid})`,
    );
    expect(deaths()).toBe(before + 1);
  });

  it('during a stop, the stop comes to its end, and nothing is left', async () => {
    naught.write('boot', 'linger:go');
    await naught.run(['deploy']);
    const daemon = naught.pid() ?? 0;
    const everybody = [daemon, ...childrenOf(daemon)];
    const stopping = naught.begin(['stop']);
    await stopping.says('ShutdownOld');
    const killed = await killControl();
    await eventually(() => (control() !== undefined && control() !== killed ? true : undefined));
    naught.write('go');
    expect(await stopping.ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/OldExit\..*\n$/) });
    await eventually(() => (everybody.some(isAlive) || childrenOf(daemon).length > 0 ? undefined : true), 30_000);
    expect([naught.exists('naught.ipc'), naught.exists('naught.pid')]).toEqual([false, false]);
    expect(naught.events().at(-1)).toBe('Shutdown 0 0 0 0');
  });
});
