import { expect, it } from 'vitest';
import { Clients } from '../../bench/loss/clients.ts';
import { freePort } from '../../bench/port.ts';
import { Naught, root } from '../support/naught.ts';

const kinds = ['fresh', 'busy', 'think', 'near', 'slow'] as const;

it.each([
  ['close', 6],
  ['exit', 6],
  ['disconnect', 2],
] as const)('loses no request in deploys of a server that leaves by itself: %s', async (recipe, deploys) => {
  await using naught = new Naught();
  const port = await freePort();
  naught.env = { PORT: String(port), RECIPE: recipe };
  await naught.start(['--worker-count', '2', `${root}/test/e2e-loss/fixtures/contract.cjs`]);
  await using clients = await Clients.start(naught.dir, process.execPath);
  for (const kind of kinds) clients.run(kind, kind, { port }, 4);
  for (let deploy = 0; deploy < deploys; deploy += 1) {
    await clients.answered([...kinds], 3);
    expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  }
  await clients.answered([...kinds], 3);
  const tallies = await clients.stop();
  expect(clients.lost).toBe(0);
  expect(Object.values(tallies).reduce((sum, { ok }) => sum + ok, 0)).toBeGreaterThan(1_000);
  expect(naught.read('naught.log')).not.toContain('cut');
});
