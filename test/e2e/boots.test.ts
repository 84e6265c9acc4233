import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { usableCpus } from '../../src/protocol/usable-cpus.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, root } from '../support/naught.ts';

const cpus = usableCpus();
/** By default. */
const atOnce = Math.max(8, 2 * cpus);

/** A server whose workers write down when they load, each as `boot` says. */
class Booting {
  static async with(boot: 'cpu' | 'wait'): Promise<Booting> {
    const naught = await Naught.withPort({ BOOT: boot });
    naught.env.LOADS = join(naught.dir, 'loads');
    naught.env.GO = join(naught.dir, 'go');
    await writeFile(naught.env.LOADS, '');
    return new Booting(naught);
  }

  private constructor(readonly naught: Naught) {}

  start(workers: number, options: string[] = []): Promise<void> {
    const script = join(root, 'test/fixtures/servers/boots.cjs');
    return this.naught.start(['--worker-count', String(workers), ...options, script]);
  }

  /** How many loaded at the same time, at most. */
  async loadedAtOnce(): Promise<number> {
    let [now, most] = [0, 0];
    for (const sign of await readFile(this.naught.env.LOADS as string, 'utf8')) {
      now += sign === '+' ? 1 : -1;
      most = Math.max(most, now);
    }
    return most;
  }

  [Symbol.asyncDispose] = () => this.naught[Symbol.asyncDispose]();
}

it('no more workers use the CPU while they boot than there are CPUs, where not all may boot at once', async () => {
  await using booting = await Booting.with('cpu');
  await booting.start(atOnce + 1);
  expect(await booting.loadedAtOnce()).toBeLessThanOrEqual(cpus);
  const { stderr } = await booting.naught.run(['deploy']);
  expect(await booting.loadedAtOnce()).toBeLessThanOrEqual(cpus);
  const names = stderr.split('\n').flatMap((text) => /^([A-Z]\w+)\. /.exec(text)?.[1] ?? []);
  const count = (name: string) => names.filter((each) => each === name).length;
  for (const name of ['SpawnNew', 'NewOnline', 'ShutdownOld', 'OldExit']) expect(count(name)).toBe(atOnce + 1);
  expect(names.lastIndexOf('NewOnline')).toBeLessThan(names.indexOf('ShutdownOld'));
});

it('as many as may boot at once do so while they wait for something, and no more', async () => {
  await using booting = await Booting.with('wait');
  const started = booting.start(atOnce + 1);
  await eventually(async () => (await booting.loadedAtOnce()) === atOnce || undefined, 60_000);
  await writeFile(booting.naught.env.GO as string, '');
  await started;
  expect(await booting.naught.status()).toMatchObject({ count: { online: atOnce + 1 } });
});

it('--boot-parallel is meant as it is, however many CPUs there are', async () => {
  await using booting = await Booting.with('cpu');
  const asked = cpus + 2;
  await booting.start(asked + 1, ['--boot-parallel', String(asked)]);
  const log = await booting.naught.logged(/Bootup/);
  const spawns = [...log.matchAll(/SpawnNew\. booting: (\d+)/g)].map(([, count]) => Number(count));
  expect(spawns.slice(0, asked)).toEqual(Array.from({ length: asked }, (_, index) => index + 1));
  expect(Math.max(...spawns)).toBe(asked);
});
