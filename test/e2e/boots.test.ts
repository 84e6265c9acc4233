import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Naught, root } from '../support/naught.ts';

const cpus = availableParallelism();
const atOnce = cpus + 2;

/** How many loaded at the same time, at most, of as many workers as do not all boot at once. */
async function loadedAtOnce(naught: Naught): Promise<number> {
  let [now, most] = [0, 0];
  for (const sign of await readFile(naught.env.LOADS as string, 'utf8')) {
    now += sign === '+' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

async function start(naught: Naught, boot: 'cpu' | 'wait'): Promise<void> {
  naught.env.BOOT = boot;
  naught.env.LOADS = join(naught.dir, 'loads');
  const script = join(root, 'test/fixtures/servers/boots.cjs');
  await naught.start(['--worker-count', String(atOnce + 1), '--boot-parallel', String(atOnce), script]);
}

it('no more workers use the CPU while they boot than there are CPUs, where not all may boot at once', async () => {
  await using naught = await Naught.withPort();
  await start(naught, 'cpu');
  expect(await loadedAtOnce(naught)).toBeLessThanOrEqual(cpus);
  expect((await naught.run(['deploy'])).code).toBe(0);
  expect(await loadedAtOnce(naught)).toBeLessThanOrEqual(cpus);
});

it('as many as may boot at once do so while they wait for something', async () => {
  await using naught = await Naught.withPort();
  await start(naught, 'wait');
  expect(await loadedAtOnce(naught)).toBe(atOnce);
  expect(await naught.status()).toMatchObject({ count: { online: atOnce + 1 } });
});

it('the events of a deploy of very many are those of 1.x, one after the other', async () => {
  await using naught = await Naught.withPort();
  await start(naught, 'cpu');
  const { stderr } = await naught.run(['deploy']);
  const names = stderr.split('\n').flatMap((line) => /^([A-Z]\w+)\. /.exec(line)?.[1] ?? []);
  const count = (name: string) => names.filter((each) => each === name).length;
  for (const name of ['SpawnNew', 'NewOnline', 'ShutdownOld', 'OldExit']) expect(count(name)).toBe(atOnce + 1);
  expect(names.lastIndexOf('NewOnline')).toBeLessThan(names.indexOf('ShutdownOld'));
});
