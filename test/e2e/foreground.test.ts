import type { ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';
import { kill } from '../support/processes.ts';

interface Told {
  event: string;
  waitingFor?: string | null;
  count?: Record<string, number>;
}

/** What a parent hears, as `Name waitingFor B O D N`. */
class Parent {
  readonly heard: string[] = [];
  readonly #raw: Told[] = [];

  constructor(child: ChildProcess) {
    child.on('message', (message: Told) => {
      this.#raw.push(message);
      const { event, waitingFor, count } = message;
      const counts = count && [count.booting, count.online, count.dying, count.new_online].join(' ');
      this.heard.push(count ? `${event} ${waitingFor} ${counts}` : event);
    });
  }

  get shapes(): string[] {
    return [...new Set(this.#raw.map((message) => Object.keys(message).sort().join()))];
  }

  async hears(event: string, from = 0): Promise<void> {
    await eventually(() => (this.heard.slice(from).includes(event) ? true : undefined), 30_000);
  }
}

const foreground = ['start', '--daemon-mode', 'false'];
const boot = [
  'IpcListening',
  'Bootup null 0 0 0 0',
  'SpawnNew new 1 0 0 0',
  'NewOnline new 0 0 0 1',
  'Ready null 0 1 0 0',
];
const deploy = [
  'SpawnNew new 1 1 0 0',
  'NewOnline new 0 1 0 1',
  'ShutdownOld old 0 0 1 1',
  'OldExit old 0 0 0 1',
  'Ready null 0 1 0 0',
];
const stop = ['ShutdownOld shutdown 0 0 1 0', 'OldExit shutdown 0 0 0 0', 'Shutdown shutdown 0 0 0 0'];

describe('in the foreground', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    "tells a parent each event in 1.x's shape, deploys on SIGHUP, stops on %s, and is the daemon itself",
    async (signal) => {
      await using naught = await Naught.withPort({ RELEASE: 'as started' });
      const running = naught.begin([...foreground, server, 'argument'], { ipc: true });
      const parent = new Parent(running.child);
      await parent.hears('Ready null 0 1 0 0');
      expect(parent.heard).toEqual(boot);
      expect(parent.shapes).toEqual(['event', 'count,event,waitingFor']);
      expect(naught.pid()).toBe(running.child.pid);
      expect(await naught.status()).toMatchObject({ pid: running.child.pid, release: 1 });
      const started = await naught.facts();
      expect(started.env).not.toHaveProperty('NODE_CHANNEL_FD', '3');

      running.child.kill('SIGHUP');
      await parent.hears('Ready null 0 1 0 0', boot.length);
      expect(parent.heard).toEqual([...boot, ...deploy]);
      const { env, args, pid } = await naught.facts();
      expect({ args, release: env.RELEASE }).toEqual({ args: ['argument'], release: 'as started' });
      expect(pid).not.toBe(started.pid);

      running.child.kill(signal);
      expect(await running.ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
      expect(parent.heard).toEqual([...boot, ...deploy, ...stop]);
      expect([naught.exists('naught.ipc'), naught.exists('naught.pid')]).toEqual([false, false]);
      expect(naught.read('stdout.log')).toBe('worker 0 listens\nworker 0 listens\n');
    },
  );

  it("writes a log whose path is - to the command's own streams", async () => {
    await using naught = await Naught.withPort();
    const running = naught.begin([...foreground, '--log', '-', '--stdout', '-', '--stderr', '-', server]);
    await running.says('Ready.');
    running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'worker 0 listens\n' });
    expect(stderr.split('\n')).toContain('worker 0 serves');
    expect(stderr).toMatch(/Bootup\. booting: 0, [\s\S]*Shutdown\. booting: 0, online: 0, dying: 0, new_online: 0\n$/);
    expect(['naught.log', 'stdout.log', 'stderr.log'].filter((log) => naught.exists(log))).toEqual([]);
  });

  it('ends with 1 when the boot fails, and the reason is in the log', async () => {
    await using naught = await Naught.withPort({ BOOT: 'exit:3', LAST_WORDS: '2' });
    const running = naught.begin([...foreground, '--log', '-', server], { ipc: true });
    const parent = new Parent(running.child);
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /worker 0 \(pid \d+\) exited with code 3 before it was online:\s+last words 1\s+last words 2\n/,
    );
    expect(parent.heard).toEqual([...boot.slice(0, 3), 'NewDeath new 0 0 0 0', 'Shutdown shutdown 0 0 0 0']);
    expect([naught.exists('naught.ipc'), naught.exists('naught.pid')]).toEqual([false, false]);
  });

  it.each([
    ['its logs are files', []],
    ['its log is the stream', ['--log', '-']],
    ["the workers' stderr is the stream", ['--stderr', '-']],
    ['all are the stream', ['--log', '-', '--stdout', '-', '--stderr', '-']],
  ])('says why the boot failed as a daemon does, and the last lines once, when %s', async (_where, logs) => {
    await using naught = await Naught.withPort({ BOOT: 'exit:3', LAST_WORDS: '2' });
    const { code, stdout, stderr } = await naught.run([...foreground, ...logs, server]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const excerpt = logs.length === 0 ? ':\n {4}last words 1\n {4}last words 2' : '';
    const log = logs.includes('--stderr') ? 'stderr' : 'stderr.log';
    const reason = `worker 0 \\(pid \\d+\\) exited with code 3 before it was online${excerpt}`;
    expect(stderr).toMatch(
      new RegExp(`(^|\n)${reason}\nThe server crashed without booting. Check ${log.replace('.', '\\.')}\\.\n$`),
    );
    expect(stderr.match(/last words 2/g)).toHaveLength(1);
  });

  it('tells a program in JSON why there is no server', async () => {
    await using naught = await Naught.withPort({ BOOT: 'exit:9', LAST_WORDS: '2' });
    const failed = await naught.run([...foreground, '--json', server]);
    expect(failed).toMatchObject({ code: 1, stderr: '' });
    const detail = { slot: 0, how: 'died', exitCode: 9, stderr: ['last words 1', 'last words 2'] };
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 1006, data: { kind: 'boot-failed', detail } } });
    const refused = await naught.run([...foreground, '--json', '--pid-file', '.', server]);
    expect(refused).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(refused.stdout).error.message).toMatch(/^unable to start daemon: EISDIR/);
  });

  it('ends with 1 when it cannot start, or when a server already runs, whose status it prints', async () => {
    await using naught = await Naught.withPort();
    naught.write('file');
    const failed = await naught.run([...foreground, '--pid-file', 'file/x.pid', server]);
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^unable to start daemon: .*file/),
    });
    await naught.start();
    const refused = await naught.run([...foreground, server]);
    expect(refused).toEqual({
      code: 1,
      signal: null,
      stdout: 'workers online: 1\n',
      stderr: expect.stringContaining('already running: '),
    });
  });

  it('a second SIGINT, and no second SIGTERM, kills the workers that do not leave', async () => {
    await using naught = await Naught.withPort();
    const stubborn = naught.write(
      'stubborn.js',
      "process.on('message', (m) => m === 'shutdown'); process.send('online'); setInterval(() => {}, 1e6);",
    );
    const running = naught.begin([...foreground, stubborn], { ipc: true });
    await new Parent(running.child).hears('Ready null 0 1 0 0');
    running.child.kill('SIGTERM');
    await naught.logged('ShutdownOld.');
    running.child.kill('SIGTERM');
    running.child.kill('SIGINT');
    await setTimeout(2_500);
    expect(naught.events().at(-1)).toBe('ShutdownOld 0 0 1 0');
    running.child.kill('SIGINT');
    expect(await running.ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(naught.events().slice(-2)).toEqual(['OldExit 0 0 0 0', 'Shutdown 0 0 0 0']);
  });

  it('takes the commands of others while it runs', async () => {
    await using naught = await Naught.withPort();
    const running = naught.begin([...foreground, server], { ipc: true });
    await new Parent(running.child).hears('Ready null 0 1 0 0');
    expect(await naught.run(['deploy', '--worker-count', '2'])).toMatchObject({ code: 0 });
    expect(await naught.run(['status'])).toMatchObject({ stdout: 'workers online: 2\n' });
    expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
    expect(await running.ended).toMatchObject({ code: 0 });
  });
});

describe('as a daemon', () => {
  it('deploys on SIGHUP with the environment of the release, one that is refused is logged, and stops on a signal', async () => {
    await using naught = await Naught.withPort({ RELEASE: 'as started' });
    await naught.start();
    await naught.run(['deploy', '--worker-count', '2'], { env: { RELEASE: 'second' } });
    const daemon = naught.pid() ?? 0;
    const events = naught.events().length;
    kill(daemon, 'SIGHUP');
    await eventually(async () => ((await naught.status()).release === 3 ? true : undefined));
    await naught.settled('0 2 0 0');
    expect(naught.events().slice(events)).toHaveLength(9);
    expect((await naught.facts(1)).env.RELEASE).toBe('second');

    const deploying = naught.begin(['deploy'], { env: { BOOT: 'silent' } });
    await deploying.says('SpawnNew');
    kill(daemon, 'SIGHUP');
    await naught.logged('SIGHUP: A deploy is already in progress');
    kill(daemon, 'SIGINT');
    expect(await deploying.ended).toMatchObject({ code: 1 });
    await eventually(() => (naught.exists('naught.pid') ? undefined : true));
    expect(naught.events().at(-1)).toBe('Shutdown 0 0 0 0');
  });
});
