import { beforeAll, describe, expect, it } from 'vitest';
import { lines, Naught, server } from '../support/naught.ts';
import { kill } from '../support/processes.ts';

const untouched = { count: { booting: 0, online: 2, dying: 0, new_online: 0 }, waitingFor: null };

/** While the deploy waits for new workers: worker 0 is online, worker 1 never will be. */
const givenUp = ['DestroyNew 1 2 0 0', 'DestroyNew 0 2 0 0', 'NewDestroyed 0 2 0 0', 'NewDestroyed 0 2 0 0'];
/** While the deploy waits for old workers, which ignore that they are asked. */
const killed = ['DestroyOld 0 0 2 2', 'DestroyOld 0 0 2 2', 'OldExit 0 0 1 2', 'OldExit 0 0 0 2'];

describe('while a deploy waits for new workers', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start(['--worker-count', '2', server]);
    naught.write('boot-1', 'silent');
    return () => naught[Symbol.asyncDispose]();
  });

  const pids = async () => (await naught.status()).workers.map(({ pid }) => pid);

  it.each(['deploy-abort', 'SIGINT'])('%s destroys them, and the old ones stay as they were', async (how) => {
    const before = await pids();
    const events = naught.events().length;
    const deploying = naught.begin(['deploy'], { env: { FAILED: 'yes' } });
    await deploying.says('NewOnline. booting: 1, online: 2, dying: 0, new_online: 1');
    if (how === 'SIGINT') deploying.child.kill('SIGINT');
    else {
      const aborted = await naught.run(['deploy-abort']);
      expect(aborted).toMatchObject({ code: 0, stdout: '' });
      expect(aborted.stderr.endsWith(`${lines(...givenUp)}deploy aborted\n`)).toBe(true);
    }
    const { code, stdout, stderr } = await deploying.ended;
    const said = how === 'SIGINT' ? 'aborting deploy\n' : '';
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.endsWith(`${said}${lines(...givenUp)}deploy aborted\n`)).toBe(true);
    expect(naught.events().slice(events)).toEqual([
      'SpawnNew 1 2 0 0',
      'SpawnNew 2 2 0 0',
      'NewOnline 1 2 0 1',
      ...givenUp,
      'Ready 0 2 0 0',
    ]);
    expect(await naught.status()).toMatchObject({ ...untouched, release: 1 });
    expect(await pids()).toEqual(before);
    expect((await naught.facts(0)).env).not.toHaveProperty('FAILED');
  });

  it('the next deploy works', async () => {
    naught.remove('boot-1');
    expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
    expect(await naught.status()).toMatchObject({ ...untouched, release: 4 });
  });
});

describe('while a deploy waits for old workers to leave', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort({ BOOT: 'ignore' });
    await naught.start(['--worker-count', '2', server]);
    return () => naught[Symbol.asyncDispose]();
  });

  it.each(['deploy-abort', 'SIGINT', 'its timeout'])('%s kills those that hang, and it is complete', async (how) => {
    const before = await naught.status();
    const events = naught.events().length;
    const timeout = how === 'its timeout' ? ['--timeout', '3'] : [];
    const deploying = naught.begin(['deploy', ...timeout]);
    await deploying.says('ShutdownOld. booting: 0, online: 0, dying: 2, new_online: 2');
    if (how === 'SIGINT') deploying.child.kill('SIGINT');
    if (how === 'deploy-abort') {
      const aborted = await naught.run(['deploy-abort']);
      expect(aborted).toMatchObject({ code: 0, stdout: '' });
      expect(aborted.stderr.endsWith(`${lines(...killed)}deploy aborted\n`)).toBe(true);
    }
    const { code, stdout, stderr } = await deploying.ended;
    const said = how === 'SIGINT' ? 'aborting deploy\n' : how === 'its timeout' ? lines('Timeout 0 0 2 2') : '';
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.endsWith(`${said}${lines(...killed)}done\n`)).toBe(true);
    expect(naught.events().slice(events)).toEqual([
      'SpawnNew 1 2 0 0',
      'SpawnNew 2 2 0 0',
      'NewOnline 1 2 0 1',
      'NewOnline 0 2 0 2',
      'ShutdownOld 0 1 1 2',
      'ShutdownOld 0 0 2 2',
      ...(how === 'its timeout' ? ['Timeout 0 0 2 2'] : []),
      ...killed,
      'Ready 0 2 0 0',
    ]);
    expect(await naught.status()).toMatchObject({ ...untouched, release: before.release + 1 });
  });

  it('a second Ctrl-C leaves at once, and the deploy goes on without the command', async () => {
    const { release } = await naught.status();
    naught.write('boot', 'wait:go');
    const deploying = naught.begin(['deploy']);
    await deploying.says('SpawnNew. booting: 2');
    // The daemon cannot answer the first one before the second is there.
    const daemon = naught.pid() ?? 0;
    kill(daemon, 'SIGSTOP');
    deploying.child.kill('SIGINT');
    await deploying.says('aborting deploy');
    deploying.child.kill('SIGINT');
    expect(await deploying.ended).toMatchObject({ code: 130 });
    kill(daemon, 'SIGCONT');
    await naught.settled('0 2 0 0');
    expect(await naught.status()).toMatchObject({ ...untouched, release });
  });
});

it('an abort with no deploy in progress says so', async () => {
  await using naught = await Naught.withPort();
  await naught.start();
  const refused = await naught.run(['deploy-abort']);
  expect(refused).toEqual({ code: 1, signal: null, stdout: '', stderr: 'no deploy in progress\n' });
});
