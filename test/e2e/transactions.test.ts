import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Facts, Naught, server } from '../support/naught.ts';
import { kill } from '../support/processes.ts';

// Every field of a release is changed by each of these deploys, and none of them comes to its end.
describe('a deploy that does not come to its end leaves the former release current, whole', () => {
  let naught: Naught;
  let before: Facts[];

  const former = {
    args: ['former', 'arguments'],
    nodeArgs: ['--title=former'],
    gc: false,
    env: { RELEASE: 'former', FORMER: 'kept' },
  };
  const candidate = (boot: string) => ({ env: { RELEASE: 'candidate', CANDIDATE: 'only', BOOT: boot } });
  const changes = () => [
    '--worker-count',
    '3',
    '--script',
    naught.path('other/other.cjs'),
    '--cwd',
    naught.path('other'),
    '--node-args',
    '--expose-gc --title=candidate',
  ];
  const args = ['--', 'candidate', 'arguments'];
  const begin = (boot: string, ...options: string[]) =>
    naught.begin(['deploy', ...changes(), ...options, ...args], candidate(boot));

  const withoutPid = ({ pid: _pid, ...facts }: Facts) => facts;
  const bothFacts = () => Promise.all([naught.facts(0), naught.facts(1)]);

  /** The workers are the same ones, and those that take their places are like them in everything. */
  const expectFormer = async () => {
    const status = await naught.settled('0 2 0 0');
    expect(status).toMatchObject({ release: 1, workerCount: 2, script: server, cwd: naught.dir });
    expect(await bothFacts()).toEqual(before);
    for (const slot of [0, 1]) {
      const replacement = await naught.replace(slot);
      expect(replacement.pid).not.toBe(before[slot]?.pid);
      expect(withoutPid(replacement)).toEqual(withoutPid(before[slot] as Facts));
    }
    before = await bothFacts();
    expect((await naught.status()).workers).toHaveLength(2);
  };

  beforeAll(async () => {
    naught = await Naught.withPort({ RELEASE: 'former', FORMER: 'kept' });
    mkdirSync(naught.path('other'));
    naught.install('other/other.cjs');
    await naught.start(['--worker-count', '2', '--node-args', '--title=former', server, 'former', 'arguments']);
    before = await bothFacts();
    expect(before[1]).toMatchObject({ ...former, slot: '1', script: server, cwd: naught.dir });
    return () => naught[Symbol.asyncDispose]();
  });

  it('when a new worker dies', async () => {
    expect(await begin('exit:5').ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exited with code 5'),
    });
    await expectFormer();
  });

  it('when one of several dies after another one is online', async () => {
    naught.write('other/boot-2', 'exit:6');
    const failed = await begin('').ended;
    naught.remove('other/boot-2');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('NewOnline') });
    await expectFormer();
  });

  it('when it takes too long', async () => {
    naught.write('other/boot-2', 'silent');
    const failed = await begin('', '--timeout', '1.5').ended;
    naught.remove('other/boot-2');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('Timeout') });
    await expectFormer();
  });

  it('when it is aborted', async () => {
    const deploying = begin('silent');
    await deploying.says('SpawnNew. booting: 3');
    expect(await naught.run(['deploy-abort'])).toMatchObject({ code: 0 });
    expect(await deploying.ended).toMatchObject({ code: 1 });
    await expectFormer();
  });

  it('when its script is not there, and when node cannot be started with its arguments', async () => {
    const body = JSON.stringify({ script: 'gone.js', cwd: 'other', workerCount: 5, args: ['gone'] });
    const gone = await naught.call('POST', '/deploy', { body });
    expect(gone).toMatchObject({ status: 400, body: expect.stringContaining('gone.js') });
    await expectFormer();
    const bad = await naught.run(['deploy', '--node-args', '--no-such-option', ...args]);
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('bad option') });
    await expectFormer();
  });

  it('for a worker that crashes while it is in progress', async () => {
    const deploying = begin('silent');
    await deploying.says('SpawnNew. booting: 3');
    const old = before[1] as Facts;
    kill(old.pid);
    const facts = await eventually(async () => {
      const found = await naught.facts(1);
      return found.pid === old.pid ? undefined : found;
    }, 30_000);
    expect(withoutPid(facts)).toEqual(withoutPid(old));
    deploying.child.kill('SIGINT');
    expect(await deploying.ended).toMatchObject({ code: 1 });
    before = await bothFacts();
    await expectFormer();
  });

  it('and one that does makes every field of it current, for later workers too', async () => {
    expect(await begin('').ended).toMatchObject({ code: 0 });
    const expected = {
      args: ['candidate', 'arguments'],
      nodeArgs: ['--expose-gc', '--title=candidate'],
      gc: true,
      cwd: naught.path('other'),
      script: naught.path('other/other.cjs'),
      env: { RELEASE: 'candidate', CANDIDATE: 'only', FORMER: 'kept' },
    };
    for (const slot of [0, 1, 2]) expect(await naught.facts(slot)).toMatchObject(expected);
    expect(await naught.replace(2)).toMatchObject(expected);
    expect(await naught.status()).toMatchObject({ workerCount: 3, count: { online: 3 } });
  });
});
