import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { usableCpus } from '../../src/protocol/usable-cpus.ts';
import { Naught, server } from '../support/naught.ts';

// One daemon for the file: each test leaves a server that works.
describe('deploy', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort({ KEPT: 'as started', CHANGED: 'as started' });
    mkdirSync(naught.path('elsewhere'));
    await naught.start([server, 'first', 'arguments']);
    return () => naught[Symbol.asyncDispose]();
  });

  const deploy = async (args: string[], env: Record<string, string> = {}) => {
    const deployed = await naught.run(['deploy', ...args], { env });
    expect(deployed).toMatchObject({ code: 0, stdout: '' });
    expect(deployed.stderr).toMatch(/\ndone\n$/);
  };

  it('takes N workers, keeps their number with 0, and takes one per usable CPU with auto', async () => {
    const count = async () => (await naught.status()).count.online;
    await deploy(['--worker-count', '3']);
    expect(await count()).toBe(3);
    await deploy(['--worker-count', '0']);
    expect(await count()).toBe(3);
    await deploy([]);
    expect(await count()).toBe(3);
    await deploy(['--worker-count', 'auto']);
    expect(await count()).toBe(usableCpus());
    await deploy(['--worker-count', '1']);
    expect(await count()).toBe(1);
  });

  it('adds to and replaces in the environment, leaves what is missing, and later restarts have it', async () => {
    const { KEPT, ...env } = naught.env;
    naught.env = env;
    await deploy([], { CHANGED: 'by the deploy', ADDED: 'by the deploy' });
    naught.env = { ...env, KEPT: KEPT ?? '' };
    const expected = { KEPT: 'as started', CHANGED: 'by the deploy', ADDED: 'by the deploy', NAUGHT_WORKER: '0' };
    expect((await naught.facts()).env).toMatchObject(expected);
    expect((await naught.replace()).env).toMatchObject(expected);
  });

  it('leaves the environment as it is with --override-env false', async () => {
    await deploy(['--override-env', 'false'], { CHANGED: 'not', NEW: 'not' });
    const { env } = await naught.facts();
    expect(env).toMatchObject({ KEPT: 'as started', CHANGED: 'by the deploy', ADDED: 'by the deploy' });
    expect(env).not.toHaveProperty('NEW');
    expect((await naught.replace()).env).toEqual(env);
  });

  it('takes an empty value as a value', async () => {
    await deploy([], { ADDED: '' });
    expect((await naught.facts()).env.ADDED).toBe('');
  });

  it('starts the new workers in --cwd, by default where the former ones are, and later ones too', async () => {
    const before = await naught.facts();
    await deploy(['--cwd', 'elsewhere']);
    expect(await naught.facts()).toMatchObject({
      cwd: naught.path('elsewhere'),
      script: before.script,
      args: before.args,
    });
    expect(await naught.replace()).toMatchObject({ cwd: naught.path('elsewhere') });
    const deployed = await naught.run(['deploy', '../naught.ipc'], { cwd: naught.path('elsewhere') });
    expect(deployed.code).toBe(0);
    expect(await naught.facts()).toMatchObject({ cwd: naught.path('elsewhere') });
    await deploy([]);
    expect(await naught.facts()).toMatchObject({ cwd: naught.path('elsewhere') });
    await deploy(['--cwd', '.']);
    expect(await naught.facts()).toMatchObject({ cwd: naught.dir });
  });

  it('changes the arguments of the script with --, of node with --node-args, and only then', async () => {
    const words = ['--help', '', 'two words', '--', '--timeout', '1', '☃'];
    expect(await naught.facts()).toMatchObject({ args: ['first', 'arguments'], nodeArgs: [] });
    await deploy(['--node-args', `--expose-gc --title='a b'`, '--', ...words]);
    expect(await naught.facts()).toMatchObject({ args: words, nodeArgs: ['--expose-gc', '--title=a b'], gc: true });
    await deploy([]);
    expect(await naught.replace()).toMatchObject({ args: words, nodeArgs: ['--expose-gc', '--title=a b'] });
    await deploy(['naught.ipc', '--node-args', '', '--']);
    expect(await naught.facts()).toMatchObject({ args: [], nodeArgs: [], gc: false });
  });

  it('runs another script with --script from then on', async () => {
    const other = naught.install('elsewhere/other.cjs');
    await deploy(['--script', 'elsewhere/other.cjs']);
    expect(await naught.facts()).toMatchObject({ script: other, cwd: naught.dir });
    await deploy([]);
    expect(await naught.replace()).toMatchObject({ script: other });
    expect(await naught.status()).toMatchObject({ script: other });
    await deploy(['--script', server]);
  });

  it('is given up after --timeout, fractions of a second included, and names the worker that was silent', async () => {
    const before = await naught.status();
    const failed = await naught.run(['deploy', '--timeout', '0.5'], { env: { BOOT: 'silent', CHANGED: 'not' } });
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    const [silent, last] = failed.stderr.trimEnd().split('\n').slice(-2);
    expect(silent).toMatch(/^worker 0 \(pid \d+\) had not said 'online' after 0\.5 s|^ {4}worker 0 is silent$/);
    expect(last).toBe("Deploy failed. Check stderr.log and usage of 'online' and 'shutdown' events.");
    expect(naught.events().slice(-5)).toEqual([
      'SpawnNew 1 1 0 0',
      'Timeout 1 1 0 0',
      'DestroyNew 0 1 0 0',
      'NewDestroyed 0 1 0 0',
      'DeployFailed 0 1 0 0',
    ]);
    expect(await naught.status()).toMatchObject({
      release: before.release,
      workers: [{ pid: before.workers[0]?.pid }],
    });
    expect((await naught.replace()).env.CHANGED).not.toBe('not');
  });

  it('is refused during another one, says how to abort that one, and changes nothing of it', async () => {
    const first = naught.begin(['deploy', '--worker-count', '2', '--', 'first'], {
      env: { BOOT: 'wait:go', CHANGED: 'first' },
    });
    await first.says('SpawnNew. booting: 2');
    const second = await naught.run(['deploy', '--worker-count', '5', '--cwd', 'elsewhere', '--', 'second'], {
      env: { CHANGED: 'second' },
    });
    expect(second).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'Deploy already in progress. Run naught deploy-abort to abort.\n',
    });
    expect(await naught.run(['status'])).toMatchObject({
      code: 0,
      stdout: 'deploy in progress\nbooting: 2, online: 1, dying: 0, new_online: 0\n',
    });
    naught.write('go');
    expect(await first.ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/done\n$/) });
    expect(await naught.status()).toMatchObject({ workerCount: 2, count: { online: 2 }, cwd: naught.dir });
    const expected = { args: ['first'], cwd: naught.dir, env: { CHANGED: 'first' } };
    expect(await naught.facts(1)).toMatchObject(expected);
    expect(await naught.replace(1)).toMatchObject(expected);
  });
});
