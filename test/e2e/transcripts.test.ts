import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lines, Naught, server } from '../support/naught.ts';

// The expected lines are those of naught 1.6's own tests: same commands, same servers in what matters.

const boot1 = ['Bootup 0 0 0 0', 'SpawnNew 1 0 0 0', 'NewOnline 0 0 0 1'];
const boot2 = ['Bootup 0 0 0 0', 'SpawnNew 1 0 0 0', 'SpawnNew 2 0 0 0', 'NewOnline 1 0 0 1', 'NewOnline 0 0 0 2'];
const deploy1 = ['SpawnNew 1 1 0 0', 'NewOnline 0 1 0 1', 'ShutdownOld 0 0 1 1', 'OldExit 0 0 0 1'];
const grow = [
  'SpawnNew 1 1 0 0',
  'SpawnNew 2 1 0 0',
  'NewOnline 1 1 0 1',
  'NewOnline 0 1 0 2',
  'ShutdownOld 0 0 1 2',
  'OldExit 0 0 0 2',
];
const shrink = [
  'SpawnNew 1 2 0 0',
  'NewOnline 0 2 0 1',
  'ShutdownOld 0 1 1 1',
  'ShutdownOld 0 0 2 1',
  'OldExit 0 0 1 1',
  'OldExit 0 0 0 1',
];
const stop1 = ['ShutdownOld 0 0 1 0', 'OldExit 0 0 0 0'];
const stop5 = [
  'ShutdownOld 0 4 1 0',
  'ShutdownOld 0 3 2 0',
  'ShutdownOld 0 2 3 0',
  'ShutdownOld 0 1 4 0',
  'ShutdownOld 0 0 5 0',
  'OldExit 0 0 4 0',
  'OldExit 0 0 3 0',
  'OldExit 0 0 2 0',
  'OldExit 0 0 1 0',
  'OldExit 0 0 0 0',
];
const ready1 = 'Ready 0 1 0 0';
const over = 'Shutdown 0 0 0 0';

describe('the event lines are those of 1.x', () => {
  it('for a boot, a deploy, one that grows, one that shrinks, one with another cwd, and a stop', async () => {
    await using naught = await Naught.withPort();
    mkdirSync(naught.path('elsewhere'));
    const ran = (...args: string[]) => naught.run(args);
    expect(await ran('start', server)).toMatchObject({
      code: 0,
      stdout: 'workers online: 1\n',
      stderr: lines(...boot1),
    });
    const done = { code: 0, stdout: '' };
    expect(await ran('deploy')).toMatchObject({ ...done, stderr: lines(...deploy1, 'done') });
    expect(await ran('deploy', '--worker-count', '2')).toMatchObject({ ...done, stderr: lines(...grow, 'done') });
    expect(await ran('status')).toMatchObject({ ...done, stdout: 'workers online: 2\n', stderr: '' });
    expect(await ran('deploy', '--worker-count', '1')).toMatchObject({ ...done, stderr: lines(...shrink, 'done') });
    const [before, now] = [naught.path('.'), naught.path('elsewhere')];
    const moved = `the workers run in ${now} from now on, no longer in ${before}`;
    const { stderr, ...result } = await ran('deploy', '--cwd', 'elsewhere');
    expect(result).toMatchObject(done);
    expect(stderr).toBe(`${lines(...deploy1)}${moved}\ndone\n`);
    expect(await naught.facts()).toMatchObject({ cwd: naught.path('elsewhere') });
    expect(await ran('stop')).toMatchObject({ ...done, stderr: lines(...stop1) });
    expect(naught.events()).toEqual([
      ...boot1,
      ready1,
      ...deploy1,
      ready1,
      ...grow,
      'Ready 0 2 0 0',
      ...shrink,
      ready1,
      ...deploy1,
      ready1,
      ...stop1,
      over,
    ]);
  });

  it('for a stop with five workers', async () => {
    await using naught = await Naught.withPort();
    await naught.start(['--worker-count', '5', server]);
    expect(await naught.run(['stop'])).toEqual({ code: 0, signal: null, stdout: '', stderr: lines(...stop5) });
    expect(naught.events().slice(-11)).toEqual([...stop5, over]);
  });

  it('for a stop with a timeout of workers that hang', async () => {
    await using naught = await Naught.withPort({ BOOT: 'ignore' });
    const started = await naught.run(['start', '--worker-count', '2', server]);
    expect(started).toMatchObject({ stderr: lines(...boot2) });
    const hang = [
      'ShutdownOld 0 1 1 0',
      'ShutdownOld 0 0 2 0',
      'Timeout 0 0 2 0',
      'DestroyOld 0 0 2 0',
      'DestroyOld 0 0 2 0',
      'OldExit 0 0 1 0',
      'OldExit 0 0 0 0',
    ];
    expect(await naught.run(['stop', '--timeout', '0.3'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: lines(...hang),
    });
    expect(naught.events()).toEqual([...boot2, 'Ready 0 2 0 0', ...hang, over]);
  });

  it('for a boot that fails, with the reason before the words of 1.x', async () => {
    await using naught = new Naught();
    naught.env = { BOOT: 'throw' };
    const failed = await naught.run(['start', server]);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    const events = ['Bootup 0 0 0 0', 'SpawnNew 1 0 0 0', 'NewDeath 0 0 0 0'];
    expect(failed.stderr.startsWith(lines(...events))).toBe(true);
    expect(failed.stderr.endsWith('\nThe server crashed without booting. Check stderr.log.\n')).toBe(true);
    expect(naught.events()).toEqual([...events, over]);
  });

  it('for workers that are still dying in the next deploy, and in the stop', async () => {
    await using naught = await Naught.withPort();
    naught.write('boot', 'ignore');
    await naught.start();
    naught.remove('boot');
    await naught.ask('/say?word=offline');
    await naught.settled('0 1 1 0');
    const deploy = ['SpawnNew 1 1 1 0', 'NewOnline 0 1 1 1', 'ShutdownOld 0 0 2 1', 'OldExit 0 0 1 1'];
    expect(await naught.run(['deploy'])).toMatchObject({ code: 0, stdout: '', stderr: lines(...deploy, 'done') });
    const stop = ['ShutdownOld 0 0 2 0', 'OldExit 0 0 1 0'];
    expect(await naught.run(['stop'])).toMatchObject({ code: 0, stdout: '', stderr: lines(...stop) });
    expect(naught.events()).toEqual([
      ...boot1,
      ready1,
      'WorkerOffline 0 0 1 0',
      'SpawnNew 1 0 1 0',
      'WorkerOnline 0 1 1 0',
      'Ready 0 1 1 0',
      ...deploy,
      'Ready 0 1 1 0',
      ...stop,
      'WorkerDeath 0 0 0 0',
      over,
    ]);
  });

  it("for a worker that is replaced because it said 'offline'", async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    await naught.ask('/say?word=offline');
    await naught.logged('WorkerDeath');
    expect(naught.events().slice(4)).toEqual([
      'WorkerOffline 0 0 1 0',
      'SpawnNew 1 0 1 0',
      'WorkerOnline 0 1 1 0',
      'Ready 0 1 1 0',
      'WorkerDeath 0 1 0 0',
    ]);
  });
});
