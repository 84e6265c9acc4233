import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Load } from '../support/load.ts';
import { lines, Naught, root } from '../support/naught.ts';

/** One daemon for all: each deploy that fails must leave it as it was. */
let naught: Naught;

const server = join(root, 'test/fixtures/servers/release.cjs');
const former = { RELEASE: 'former', FAULT: '' };

beforeAll(async () => {
  naught = await Naught.withPort(former);
  await naught.start(['--worker-count', '3', '--max-errors', '10', server]);
});
afterAll(() => naught[Symbol.asyncDispose]());

const load = () => Load.begin(Number(naught.env.PORT));
const deploy = (fault: string, ...args: string[]) =>
  naught.begin(['deploy', '--env', 'RELEASE=new', '--env', `FAULT=${fault}`, ...args]);

/** Only the former release answers, by every worker. */
async function expectFormer(): Promise<void> {
  await using after = load();
  await after.answered(30);
  expect(after.seen).toEqual({ 'former 200': expect.any(Number) });
  expect((await naught.status()).count).toEqual({ booting: 0, online: 3, dying: 0, new_online: 0 });
}

describe('a deploy by steps', () => {
  it('replaces worker by worker, and loses nothing', async () => {
    await using during = load();
    await during.answered(10);
    const { code, stderr } = await deploy('', '--surge', '1').ended;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: lines(
        'SpawnNew 1 3 0 0',
        'NewOnline 0 3 0 1',
        'ShutdownOld 0 2 1 1',
        'OldExit 0 2 0 1',
        'SpawnNew 1 2 0 1',
        'NewOnline 0 2 0 2',
        'ShutdownOld 0 1 1 2',
        'OldExit 0 1 0 2',
        'SpawnNew 1 1 0 2',
        'NewOnline 0 1 0 3',
        'ShutdownOld 0 0 1 3',
        'OldExit 0 0 0 3',
        'done',
      ),
    });
    expect(during.lost).toEqual([]);
    expect(Object.keys(during.seen).sort()).toEqual(['former 200', 'new 200']);
    await naught.run(['deploy', '--env', 'RELEASE=former']);
  });

  it('that fails brings the former release back, and loses nothing', async () => {
    await using during = load();
    const running = deploy('boot:1', '--surge', '34%');
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Undo\. .*\(worker 1 exited with code 7 before it was online\)/);
    expect(stderr).toMatch(/worker \d \(pid \d+\) exited with code 7[\s\S]*Deploy failed/);
    expect(during.lost).toEqual([]);
    await expectFormer();
  });
});

describe('a canary', () => {
  it('that answers with 500 in part is undone, and nobody sees a 500 after that', async () => {
    await using during = load();
    const { code, stderr } = await deploy('500:3', '--canary', '1', '--bake', '60').ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Bake\. .*\(1 new worker of 3 watched for 60 s/);
    expect(stderr).toMatch(
      /release \d+ answered \d+ of \d+ requests with 5xx \(3\d\.\d %; --max-errors 10\), the former release 0 of/,
    );
    expect(during.lost).toEqual([]);
    expect(Object.keys(during.seen).sort()).toEqual(['former 200', 'new 200', 'new 500']);
    await expectFormer();
  });

  it('that crashes in its bake is undone, and only what it had accepted is lost', async () => {
    const { code, stderr } = await deploy('crash:1000', '--canary', '34%', '--bake', '60').ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/exited with code 7 \d\.\d s after its bake began/);
    await expectFormer();
  });

  it('that falls ill in its bake is undone, and loses nothing', async () => {
    await using during = load();
    const health = ['--health', '/health', '--health-every', '0.2'];
    const { code, stderr } = await deploy('ill:1000', '--canary', '1', '--bake', '60', ...health).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Bake[\s\S]*Undo[\s\S]*GET \/health: status 503/);
    expect(during.lost).toEqual([]);
    expect(Object.keys(during.seen).sort()).toEqual(['former 200', 'new 200']);
    await expectFormer();
  });

  it('is followed by the others when it is promoted', async () => {
    const running = deploy('', '--canary', '1', '--bake', '60');
    await running.says('Bake');
    expect(await naught.status()).toMatchObject({ waitingFor: 'bake', release: expect.any(Number) });
    const promoted = await naught.run(['promote']);
    expect(promoted).toMatchObject({ code: 0, stderr: expect.stringMatching(/Promote\. .*\nSpawnNew[\s\S]*done\n$/) });
    expect(await running.ended).toMatchObject({ code: 0 });
    await naught.run(['deploy', '--env', 'RELEASE=former']);
    await expectFormer();
  });
});

describe('a bake of the whole release', () => {
  it('is ended badly by deploy-abort, and by Ctrl-C', async () => {
    for (const how of ['deploy-abort', 'Ctrl-C']) {
      const running = deploy('', '--surge', '1', '--bake', '60');
      await running.says('Bake');
      if (how === 'Ctrl-C') running.child.kill('SIGINT');
      else expect(await naught.run(['deploy-abort'])).toMatchObject({ code: 0 });
      expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('deploy aborted') });
      await expectFormer();
    }
  });
});

describe('what makes no sense', () => {
  it.each([
    [
      ['deploy', '--surge', '0'],
      2,
      '--surge must be a whole number from 1 to 1024, a share such as 25%, or all, not `0`',
    ],
    [
      ['deploy', '--canary', '3', '--bake', '5'],
      2,
      '--canary must be less than the whole release, not 3: there are 3 workers',
    ],
    [['promote'], 1, 'no bake in progress'],
  ])('%j is refused, and changes nothing', async (args, code, text) => {
    const before = await naught.status();
    const ran = await naught.run(args);
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(text) });
    const after = await naught.status();
    expect(after.workers.map(({ pid }) => pid)).toEqual(before.workers.map(({ pid }) => pid));
  });
});

it('goes by what start said, for SIGHUP too', async () => {
  await using other = await Naught.withPort(former);
  await other.start(['--worker-count', '2', '--surge', '1', server]);
  process.kill(other.pid() ?? 0, 'SIGHUP');
  await other.logged(/OldExit[\s\S]*OldExit[\s\S]*Ready/);
  expect(other.events().slice(-9)).toEqual([
    'SpawnNew 1 2 0 0',
    'NewOnline 0 2 0 1',
    'ShutdownOld 0 1 1 1',
    'OldExit 0 1 0 1',
    'SpawnNew 1 1 0 1',
    'NewOnline 0 1 0 2',
    'ShutdownOld 0 0 1 2',
    'OldExit 0 0 0 2',
    'Ready 0 2 0 0',
  ]);
});
