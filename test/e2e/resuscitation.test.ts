import { describe, expect, it } from 'vitest';
import { Naught, server } from '../support/naught.ts';
import { kill } from '../support/processes.ts';

const replaced = [
  'WorkerOffline 0 1 1 0',
  'SpawnNew 1 1 1 0',
  'WorkerOnline 0 2 1 0',
  'Ready 0 2 1 0',
  'WorkerDeath 0 2 0 0',
];

describe('resuscitation', () => {
  it('gives a crashed worker its slot and the current release back, however it crashed', async () => {
    await using naught = await Naught.withPort({ RELEASE: '1' });
    await naught.start(['--worker-count', '2', server, 'one']);
    await naught.run(['deploy', '--', 'two'], { env: { RELEASE: '2' } });
    const other = await naught.worker(0);
    const events = naught.events().length;
    expect(await naught.replace(1)).toMatchObject({ slot: '1', args: ['two'], env: { RELEASE: '2' } });
    expect(naught.events().slice(events)).toEqual(['WorkerDeath 1 1 0 0', 'WorkerOnline 0 2 0 0', 'Ready 0 2 0 0']);
    expect(naught.read('naught.log')).toMatch(/WorkerDeath.* worker: 1 \(pid \d+\) signal: SIGKILL\n/);
    await naught.ask('/exit?code=7', 0);
    await naught.logged(/WorkerDeath.* worker: 0 \(pid \d+\) exit code: 7\n/);
    await naught.settled('0 2 0 0');
    expect(await naught.facts(0)).toMatchObject({ slot: '0', args: ['two'], env: { RELEASE: '2' } });
    expect(await naught.worker(0)).not.toBe(other);
    expect((await naught.status()).workers).toMatchObject([
      { slot: 0, release: 2, crashes: 1 },
      { slot: 1, release: 2, crashes: 1 },
    ]);
  });

  it.each([['offline'], ['Offline'], ['OFFLINE', 'offline', 'oFFline']])(
    "replaces a worker once that says '%s', and the old one leaves",
    async (...words) => {
      await using naught = await Naught.withPort();
      await naught.start(['--worker-count', '2', server]);
      const events = naught.events().length;
      const old = await naught.worker(1);
      await naught.ask(`/say?${words.map((word) => `word=${word}`).join('&')}`, 1);
      await naught.logged(/WorkerDeath/);
      expect(naught.events().slice(events)).toEqual(replaced);
      const { workers } = await naught.status();
      expect(workers.map(({ slot }) => slot)).toEqual([0, 1]);
      expect(workers[1]?.pid).not.toBe(old);
    },
  );

  it("replaces nothing when 'offline' comes from a worker that is leaving", async () => {
    await using naught = await Naught.withPort({ BOOT: 'parting' });
    await naught.start(['--worker-count', '2', server]);
    expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
    expect(naught.read('stdout.log')).toContain('worker 0 leaves\n');
    await naught.run(['stop']);
    expect(naught.events().filter((event) => event.startsWith('WorkerOffline'))).toEqual([]);
    expect(naught.events().filter((event) => event.startsWith('SpawnNew'))).toHaveLength(4);
  });

  it('counts workers that are dying of earlier deploys and crashes in the next ones, and does not wait for them', async () => {
    await using naught = await Naught.withPort();
    naught.write('boot', 'ignore');
    await naught.start();
    naught.remove('boot');
    await naught.ask('/say?word=offline');
    await naught.settled('0 1 1 0');
    for (let deploy = 0; deploy < 2; deploy++) {
      const deployed = await naught.run(['deploy']);
      expect(deployed.stderr).toMatch(/^SpawnNew\. booting: 1, online: 1, dying: 1, new_online: 0\n/);
      expect(deployed).toMatchObject({ code: 0 });
      await naught.settled('0 1 1 0');
    }
    const dying = (await naught.status()).workers.find(({ state }) => state === 'dying')?.pid ?? 0;
    kill(dying);
    await naught.settled('0 1 0 0');
    expect(naught.events().at(-1)).toBe('WorkerDeath 0 1 0 0');
  });
});
