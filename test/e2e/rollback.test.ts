import { symlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Preview, Releases } from '../../src/protocol/release-schemas.ts';
import { eventually } from '../support/eventually.ts';
import { lines, Naught, program } from '../support/naught.ts';
import { kill, processes } from '../support/processes.ts';

const words = ['--cwd', 'current', '--override-env', 'false'];

/** A server behind a link to the folder of its release; its environment is what a test sets. */
class Linked {
  private constructor(readonly naught: Naught) {}

  static async start(options: string[] = []): Promise<Linked> {
    const linked = new Linked(await Naught.withPort({ KEPT: 'first', SECRET: 'top secret' }));
    const { naught } = linked;
    for (const release of [1, 2, 3]) naught.install(`releases/${release}/server.js`);
    linked.turnTo(1);
    await naught.start([...options, '--worker-count', '2', '--cwd', 'current', 'current/server.js', 'first']);
    return linked;
  }

  turnTo(release: number): void {
    this.naught.remove('current');
    symlinkSync(`releases/${release}`, this.naught.path('current'));
  }

  folder(release: number): { script: string; cwd: string } {
    return {
      script: this.naught.path(`releases/${release}/server.js`),
      cwd: this.naught.path(`releases/${release}`),
    };
  }

  async runs(command: string, ...args: string[]): Promise<string> {
    const ran = await this.naught.run([command, ...args]);
    expect(ran).toMatchObject({ code: 0 });
    return ran.stdout;
  }

  async releases(): Promise<Releases> {
    return JSON.parse(await this.runs('releases', '--json'));
  }

  /** `NUMBER STATE`, the newest first. */
  async states(): Promise<string[]> {
    return (await this.releases()).releases.map(({ release, state }) => `${release} ${state}`);
  }

  /** Pids by slot. */
  async workers(): Promise<(number | undefined)[]> {
    return (await this.naught.status()).workers.map(({ pid }) => pid);
  }
}

// One daemon: each test goes on where the one before was.
describe('releases', () => {
  let linked: Linked;
  let naught: Naught;
  beforeAll(async () => {
    linked = await Linked.start();
    naught = linked.naught;
    return () => naught[Symbol.asyncDispose]();
  });

  it('are listed with what they run, what they changed by name, and how they ended', async () => {
    linked.turnTo(2);
    const changes = ['--env', 'SECRET=other secret', '--env', 'NEW=new secret', '--unset', 'KEPT'];
    await linked.runs('deploy', ...words, ...changes, '--worker-count', '3', '--', 'second');
    const failed = await naught.run(['deploy', '--override-env', 'false', '--env', 'BOOT=exit:3']);
    expect(failed).toMatchObject({ code: 1 });
    const { current, kept, releases } = await linked.releases();
    expect({ current, kept }).toEqual({ current: 2, kept: 20 });
    expect(releases).toMatchObject([
      { release: 3, type: 'deploy', state: 'failed', reason: 'died', served: 0, environment: { added: ['BOOT'] } },
      {
        release: 2,
        type: 'deploy',
        state: 'serving',
        script: naught.path('current/server.js'),
        resolvedScript: linked.folder(2).script,
        cwd: naught.path('current'),
        resolvedCwd: linked.folder(2).cwd,
        args: ['second'],
        workerCount: 3,
        environment: { added: ['NEW'], removed: ['KEPT'] },
      },
      { release: 1, type: 'boot', state: 'replaced', resolvedScript: linked.folder(1).script, args: ['first'] },
    ]);
    expect(releases[1]?.environment.changed).toContain('SECRET');
    for (const { served } of releases.slice(1)) expect(served).toBeGreaterThan(0);
    expect(JSON.stringify(releases)).not.toContain('secret');
  });

  it('are a table for people', async () => {
    const [header, ...rows] = (await linked.runs('releases')).split('\n');
    expect(header).toMatch(/^RELEASE +STATE +DEPLOYED +SERVED +WORKERS +SCRIPT$/);
    expect(rows[0]).toMatch(/^ +3 +failed: died +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +3 +\/.*releases\/2\/server\.js$/);
    expect(rows[1]).toBe('         environment: added BOOT');
  });

  it('are gone back to whole, whatever their links lead to now, and to where they led then', async () => {
    linked.turnTo(3);
    const ran = await naught.run(['rollback']);
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(ran.stderr).toMatch(/^SpawnNew\. booting: 1, online: 3, [\s\S]*OldExit[\s\S]*\ndone\n$/);
    const first = { ...linked.folder(1), args: ['first'], env: { KEPT: 'first', SECRET: 'top secret' } };
    expect(await naught.facts(0)).toMatchObject(first);
    expect((await naught.facts(1)).env).not.toHaveProperty('NEW');
    expect(await naught.replace(1)).toMatchObject(first);
    expect(await naught.status()).toMatchObject({ release: 4, workerCount: 2, script: first.script });
    expect((await linked.releases()).releases[0]).toMatchObject({ type: 'rollback', of: 1, state: 'serving' });
  });

  it('are remembered over a restart of the control process', async () => {
    const before = await linked.states();
    const daemon = naught.pid();
    const control = processes().find(({ parent, title }) => parent === daemon && title.startsWith('naught: control'));
    kill(control?.pid);
    expect(await linked.states()).toEqual(before);
    expect(before).toEqual(['4 serving', '3 failed', '2 replaced', '1 replaced']);
  });

  it('a rollback of a rollback goes forward again, by number the same, with another count if it is asked for', async () => {
    await linked.runs('rollback', '2', '--worker-count', '1');
    expect(await naught.facts(0)).toMatchObject({ ...linked.folder(2), args: ['second'], env: { NEW: 'new secret' } });
    expect(await naught.status()).toMatchObject({ release: 5, workerCount: 1 });
    await linked.runs('rollback');
    expect(await naught.facts(0)).toMatchObject({ ...linked.folder(1), env: { KEPT: 'first' } });
    expect(await naught.status()).toMatchObject({ release: 6, workerCount: 2 });
  });

  it('a restart starts the same release again under its number, all of its workers or one', async () => {
    const before = await linked.workers();
    await linked.runs('restart');
    const after = await linked.workers();
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(await naught.facts(0)).toMatchObject({ ...linked.folder(1), env: { KEPT: 'first' } });
    await linked.runs('restart', '--worker', '1');
    const [first, second] = await linked.workers();
    expect([first, second === after[1]]).toEqual([after[0], false]);
    expect(await naught.facts(1)).toMatchObject({ ...linked.folder(1), pid: second, env: { KEPT: 'first' } });
    expect(await naught.status()).toMatchObject({ release: 6 });
  });

  it('another count starts or ends the workers of some slots, and is that of the release', async () => {
    const before = await linked.workers();
    await linked.runs('scale', '+2');
    expect(await naught.status()).toMatchObject({ release: 6, workerCount: 4, count: { online: 4 } });
    expect((await linked.workers()).slice(0, 2)).toEqual(before);
    expect(await naught.facts(3)).toMatchObject(linked.folder(1));
    await linked.runs('scale', '50%', '--bake', '60');
    expect(await linked.workers()).toEqual(before);
    await linked.runs('scale', '2');
    await linked.runs('scale', '-1');
    expect(await linked.workers()).toEqual(before.slice(0, 1));
    expect((await linked.releases()).releases[0]).toMatchObject({ release: 6, state: 'serving', workerCount: 1 });
  });

  it('a restart that fails, and one that is aborted, leave the workers alone, and no trace', async () => {
    const before = [await linked.workers(), await linked.states()];
    naught.write('releases/1/boot', 'exit:3');
    expect(await naught.run(['restart'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exited with code 3 before it was online'),
    });
    naught.write('releases/1/boot', 'silent');
    const scaling = naught.begin(['scale', '2']);
    await scaling.says('SpawnNew');
    scaling.child.kill('SIGINT');
    expect(await scaling.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/deploy aborted\n$/) });
    expect([await linked.workers(), await linked.states()]).toEqual(before);
    expect(await naught.status()).toMatchObject({ workerCount: 1 });
    naught.remove('releases/1/boot');
  });

  it('a preview says what a deploy or rollback would change, and changes nothing', async () => {
    const before = [await linked.workers(), await linked.states()];
    const asked = await naught.run(['deploy', '--json', '--dry-run', '--env', 'A=very secret', '--', 'x'], {
      env: { KEPT: 'changed' },
    });
    const previewed: Preview = JSON.parse(asked.stdout);
    expect(previewed).toMatchObject({
      current: 6,
      release: 7,
      changes: {
        resolvedScript: { from: linked.folder(1).script, to: linked.folder(3).script },
        args: { from: ['first'], to: ['x'] },
      },
    });
    expect(previewed.changes.environment?.added).toContain('A');
    expect(previewed.changes.environment?.changed).toContain('KEPT');
    expect(asked.stdout).not.toContain('very secret');
    expect(await linked.runs('rollback', '2', '--dry-run')).toMatch(/arguments: first → second\n {2}workers: 1 → 3\n/);
    expect([await linked.workers(), await linked.states()]).toEqual(before);
    expect(await naught.run(['deploy', '--dry-run', '--cwd', 'gone'])).toMatchObject({ code: 2 });
  });

  it('a deploy takes an environment whole', async () => {
    const variables = [`PORT=${naught.env.PORT}`, 'PATH=/bin', 'ALONE=yes'];
    const ran = await naught.run(['deploy', '--clean-env', '--env', 'A=1', '--unset', 'PATH'], {
      command: ['env', '-i', ...variables, process.execPath, program],
    });
    expect(ran).toMatchObject({ code: 0 });
    const { NAUGHT_WORKER, ...left } = (await naught.facts(0)).env;
    expect(left).toEqual({ PORT: naught.env.PORT, ALONE: 'yes', A: '1' });
    expect((await naught.replace(0)).env).toEqual({ ...left, NAUGHT_WORKER });
  });

  it.each<[string, string[], number, RegExp]>([
    ['a release that there is not', ['rollback', '99'], 1, /^there is no release 99; naught releases shows those/],
    ['a release that failed', ['rollback', '3'], 1, /^release 3 failed: it never served\n$/],
    ['the current release', ['rollback', '7'], 1, /^release 7 is the current one; naught restart starts/],
    ['no release at all', ['rollback', 'former'], 2, /^the release must be the number of a release, not `former`\n/],
    ['less workers than none', ['scale', '-9'], 2, /^the count must leave 1 to 1024 workers: -9 of 1 would be -8\n/],
    [
      'a worker that there is not',
      ['restart', '--worker', '1'],
      2,
      /^--worker names 1, which there is not: there is worker 0\n/,
    ],
    [
      'canaries that are all of it',
      ['rollback', '--canary', '3', '--bake', '9'],
      2,
      /^--canary must be less than the whole/,
    ],
    [
      'canaries that are all of it',
      ['deploy', '--canary', '1', '--bake', '9', '--dry-run'],
      2,
      /^--canary must be less/,
    ],
    ['two environments', ['deploy', '--clean-env', '--override-env', 'false'], 2, /^--clean-env takes what/],
  ])('for %s says so, and changes nothing', async (_what, args, code, message) => {
    const before = [await linked.workers(), await linked.states()];
    const refused = await naught.run(args);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toMatch(message);
    expect([await linked.workers(), await linked.states()]).toEqual(before);
  });

  it('whose script or folder is gone are named before anything begins', async () => {
    const events = naught.events().length;
    naught.remove('releases/2/server.js');
    const noScript = await naught.run(['rollback', '2']);
    expect(noScript).toMatchObject({ code: 1, stdout: '' });
    expect(noScript.stderr).toBe(`release 2 cannot be run any more: its script is gone: ${linked.folder(2).script}\n`);
    naught.remove('releases/1');
    const noFolder = await naught.run(['rollback', '--json', '1']);
    expect(JSON.parse(noFolder.stdout)).toMatchObject({
      error: { data: { kind: 'release-gone' }, message: expect.stringContaining('its folder is gone') },
    });
    expect(naught.events()).toHaveLength(events);
  });
});

it('as many releases are kept as was said, the current one and the one before among them', async () => {
  await using naught = (await Linked.start(['--keep-releases', '2'])).naught;
  for (const count of ['1', '2', '1']) await naught.run(['deploy', '--worker-count', count]);
  await naught.run(['deploy'], { env: { BOOT: 'exit:3' } });
  const { stdout } = await naught.run(['releases', '--json']);
  expect(JSON.parse(stdout).releases).toMatchObject([{ release: 4 }, { release: 3 }]);
  const rolled = await naught.run(['rollback']);
  expect(rolled.stderr).toContain(lines('SpawnNew 2 1 0 0'));
  await eventually(async () => ((await naught.status()).release === 6 ? true : undefined));
});
