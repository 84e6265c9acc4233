import { renameSync, symlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Naught } from '../support/naught.ts';

describe('release folders behind a symbolic link', () => {
  let naught: Naught;
  const turnTo = (release: number) => {
    naught.remove('next');
    symlinkSync(`releases/${release}`, naught.path('next'));
    renameSync(naught.path('next'), naught.path('current'));
  };
  const script = (release: number) => naught.path(`releases/${release}/server.js`);
  const deploy = async () => {
    expect(await naught.run(['deploy', '--cwd', 'current'])).toMatchObject({ code: 0 });
  };

  beforeAll(async () => {
    naught = await Naught.withPort();
    for (const release of [1, 2, 3]) naught.install(`releases/${release}/server.js`);
    turnTo(1);
    await naught.start(['--cwd', 'current', 'current/server.js']);
    return () => naught[Symbol.asyncDispose]();
  });

  it('are resolved when a release is made current', async () => {
    expect(await naught.facts()).toMatchObject({ script: script(1), cwd: naught.path('releases/1') });
    expect(await naught.status()).toMatchObject({ script: script(1), cwd: naught.path('releases/1') });
  });

  it('change nothing for a worker that crashes after the link was turned and before a deploy', async () => {
    turnTo(2);
    expect(await naught.replace()).toMatchObject({ script: script(1), cwd: naught.path('releases/1') });
  });

  it('are resolved anew at each deploy', async () => {
    await deploy();
    expect(await naught.facts()).toMatchObject({ script: script(2), cwd: naught.path('releases/2') });
    expect(await naught.replace()).toMatchObject({ script: script(2), cwd: naught.path('releases/2') });
  });

  it('may be deleted when their workers have left', async () => {
    naught.remove('releases/1');
    expect(await naught.replace()).toMatchObject({ script: script(2) });
    turnTo(3);
    await deploy();
    naught.remove('releases/2');
    expect(await naught.replace()).toMatchObject({ script: script(3) });
  });

  it('of a failed deploy may be deleted, and the former one goes on', async () => {
    naught.install('releases/4/server.js');
    turnTo(4);
    const failed = await naught.run(['deploy', '--cwd', 'current'], { env: { BOOT: 'exit:3' } });
    expect(failed.code).toBe(1);
    naught.remove('releases/4');
    expect(await naught.replace()).toMatchObject({ script: script(3), cwd: naught.path('releases/3') });
  });

  it('that the link no longer leads to are named by a deploy, which changes nothing', async () => {
    const failed = await naught.run(['deploy']);
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining(naught.path('current')) });
    expect(await naught.facts()).toMatchObject({ script: script(3) });
  });

  it('may be deleted under the running workers: the next deploy and the stop work', async () => {
    naught.remove('releases/3');
    expect(await naught.facts()).toMatchObject({ script: script(3) });
    naught.install('releases/5/server.js');
    turnTo(5);
    await deploy();
    expect(await naught.facts()).toMatchObject({ script: script(5) });
    naught.remove('releases');
    expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  });
});

it('a link that the shell came by is followed anew by a deploy, wherever that is run', async () => {
  await using naught = await Naught.withPort();
  for (const release of [1, 2, 3]) naught.install(`releases/${release}/server.js`);
  const current = naught.path('current');
  const turnTo = (release: number) => {
    naught.remove('current');
    symlinkSync(`releases/${release}`, current);
  };
  const files = ['ipc', 'pid', 'log'].flatMap((name) => [
    name === 'log' ? '--log' : `--${name}-file`,
    naught.path(`naught.${name}`),
  ]);
  turnTo(1);
  await naught.start([...files, 'server.js'], { cwd: current, env: { PWD: current } });
  const one = { cwd: naught.path('releases/1'), script: naught.path('releases/1/server.js') };
  expect(await naught.facts()).toMatchObject({ ...one, env: { PWD: one.cwd } });

  turnTo(2);
  const deployed = await naught.run(['deploy', naught.path('naught.ipc')], { cwd: current, env: { PWD: current } });
  expect(deployed).toMatchObject({ code: 0, stderr: expect.not.stringContaining('the workers run in') });
  const two = { cwd: naught.path('releases/2'), script: naught.path('releases/2/server.js') };
  expect(await naught.facts()).toMatchObject({ ...two, env: { PWD: two.cwd } });

  turnTo(3);
  const elsewhere = await naught.run(['deploy'], { env: { PWD: naught.dir } });
  const three = { cwd: naught.path('releases/3'), script: naught.path('releases/3/server.js') };
  expect(elsewhere.stderr).toContain(`the workers run in ${three.cwd}, as before`);
  expect(await naught.facts()).toMatchObject({ ...three, env: { PWD: three.cwd } });

  expect(await naught.run(['deploy', '--cwd', '.'])).toMatchObject({ code: 0 });
  expect(await naught.facts()).toMatchObject({ cwd: naught.dir, script: three.script, env: { PWD: naught.dir } });
});

it('a deploy takes variables away, and a failed one leaves them', async () => {
  await using naught = await Naught.withPort({ SECRET: 'x', KEPT: 'y' });
  await naught.start();
  const failed = await naught.run(['deploy', '--unset', 'SECRET'], { env: { BOOT: 'exit:3' } });
  expect(failed.code).toBe(1);
  expect((await naught.replace()).env).toMatchObject({ SECRET: 'x', KEPT: 'y' });
  const words = ['--override-env', 'false', '--unset', 'SECRET', '--env', 'NEW=a=b'];
  expect(await naught.run(['deploy', ...words], { env: { KEPT: 'not this' } })).toMatchObject({ code: 0 });
  const { env } = await naught.replace();
  expect(env).toMatchObject({ KEPT: 'y', NEW: 'a=b' });
  expect(env).not.toHaveProperty('SECRET');
});
