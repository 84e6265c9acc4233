import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught } from '../support/naught.ts';
import { filesOf, writer } from './support.ts';

it('answers, and holds no worker back, in a burst beside ten thousand archives', async () => {
  await using naught = new Naught();
  for (let index = 0; index < 10_000; index++) {
    const stamp = new Date(1e12 + index).toISOString().replaceAll(/[:.]/g, '-');
    naught.write(`stdout-${stamp}.log.gz`);
  }
  naught.env = { LINES: '20000' };
  await naught.start(['--max-log-size', '1000', '--log-keep', '10100', '--stderr', '/dev/null', writer]);
  await eventually(() => (naught.exists('written-0') ? true : undefined));
  expect(await naught.status()).toMatchObject({ count: { online: 1 } });
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(filesOf(naught, 'stdout.log').length).toBe(10_101);
});
