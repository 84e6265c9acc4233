import { expect, it } from 'vitest';
import { Load } from '../../bench/load.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';
import { kill } from '../support/processes.ts';

it('a slot that crashes again and again waits, status shows it, the others serve on, and a deploy ends the wait', async () => {
  await using naught = await Naught.withPort();
  await naught.start(['--worker-count', '2', server]);
  naught.write('boot-1', 'exit:1');
  kill(await naught.worker(1));
  // Its requests died with it; from now on no request may be lost.
  await naught.logged('WorkerDeath');
  const load = new Load({ port: Number(naught.env.PORT), clients: 2 });
  await eventually(() => (load.tally.ok > 10 ? true : undefined));
  const waiting = await eventually(async () => {
    const { workers } = await naught.status();
    return workers.find(({ state, crashes, restartIn = 0 }) => state === 'waiting' && crashes >= 6 && restartIn > 0.8);
  }, 30_000);
  expect(waiting).toMatchObject({ slot: 1, release: 1, state: 'waiting' });
  expect(waiting.restartIn).toBeGreaterThanOrEqual(0);
  expect(waiting).not.toHaveProperty('pid');
  expect(await naught.status()).toMatchObject({ workerCount: 2, count: { online: 1, dying: 0 }, waitingFor: null });
  const json = await naught.run(['status', '--json']);
  expect(JSON.parse(json.stdout).workers[1]).toMatchObject({ slot: 1, crashes: expect.any(Number) });

  // The 1st restart is immediate, the 2nd waits 100 ms, the 3rd 200 ms, the 4th 400 ms, each less up to a quarter.
  const deaths = naught
    .read('naught.log')
    .split('\n')
    .filter((line) => line.includes('WorkerDeath'))
    .map(timeOf);
  const spawns = naught
    .read('naught.log')
    .split('\n')
    .filter((line) => line.includes('SpawnNew'))
    .slice(2)
    .map(timeOf);
  for (const [n, least] of [75, 150].entries()) {
    expect((spawns[n] ?? Number.NaN) - (deaths[n + 1] ?? Number.NaN)).toBeGreaterThanOrEqual(least - 5);
  }

  naught.remove('boot-1');
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  const { workers } = await naught.settled('0 2 0 0');
  expect(workers).toMatchObject([
    { slot: 0, crashes: 0 },
    { slot: 1, crashes: 0, release: 2 },
  ]);
  // Nothing waits any more: what is online now stays alone in its slot.
  expect(workers).toHaveLength(2);
  expect(await load.stop()).toMatchObject({ refused: 0, reset: 0, empty: 0, torn: 0, hung: 0 });
});

function timeOf(line: string): number {
  return Date.parse(line.split(' ')[0] ?? '');
}
