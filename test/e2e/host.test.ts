import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, program, server } from '../support/naught.ts';
import { childrenOf, isAlive, kill, listensOn, openFiles, processes } from '../support/processes.ts';

/** What a host does to a daemon that runs for months. */

const controlOf = (daemon: number) =>
  processes().find(({ parent, title }) => parent === daemon && title === 'naught: control')?.pid;

describe('a Node that is removed while the daemon runs on it', () => {
  it('starts workers, control and deploys on; one that is put in its place is taken for the next workers', async () => {
    await using naught = await Naught.withPort();
    mkdirSync(naught.path('bin'));
    const binary = naught.path('bin/node');
    install(binary);
    await naught.start([server], { command: [binary, program] });
    const daemon = naught.pid() ?? 0;
    rmSync(binary);
    const worker = await naught.replace();
    expect(await naught.ask('/child')).toBe('42\n');
    kill(await eventually(() => controlOf(daemon)));
    expect(await naught.status()).toMatchObject({ count: { online: 1 }, pid: daemon });
    expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
    expect((await naught.facts()).pid).not.toBe(worker.pid);

    install(binary);
    const { pid } = await naught.replace();
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(binary);
  });

  /** A link where that is possible: a Node is large. */
  function install(binary: string): void {
    try {
      linkSync(process.execPath, binary);
    } catch {
      copyFileSync(process.execPath, binary);
    }
  }
});

it('a worker whose folder is gone is told with what was tried, and runs again when the folder is back', async () => {
  await using naught = await Naught.withPort();
  mkdirSync(naught.path('app'));
  await naught.start(['--cwd', 'app', server]);
  naught.remove('app');
  kill(await naught.worker());
  const reason = `ENOENT in ${naught.path('app')}: the working directory is not there`;
  await naught.logged(new RegExp(` WorkerDeath\\. .* worker: 0 .*could not be started .*${reason}`));
  mkdirSync(naught.path('app'));
  await naught.settled('0 1 0 0');
});

describe('a descriptor that a deploy script has open', () => {
  it.each(['true', 'false'])('reaches neither daemon nor workers (--daemon-mode %s)', async (daemonMode) => {
    await using naught = await Naught.withPort();
    const lock = openSync(naught.path('lock'), 'w');
    const running = naught.begin(['start', '--daemon-mode', daemonMode, server], { descriptor: lock });
    await naught.logged('Ready.');
    const daemon = naught.pid() ?? 0;
    for (const pid of [daemon, ...childrenOf(daemon)]) expect(openFiles(pid)).not.toContain(naught.path('lock'));
    await naught.run(['stop']);
    await running.ended;
  });
});

it('SIGUSR1 opens a debugger in a worker, and opens the logs anew in the daemon', async () => {
  await using naught = await Naught.withPort();
  await naught.start(['--node-args', '--inspect-port=0', server]);
  const daemon = naught.pid() ?? 0;
  const control = controlOf(daemon) ?? 0;
  renameSync(naught.path('naught.log'), naught.path('old.log'));
  kill(control, 'SIGUSR1');
  kill(daemon, 'SIGUSR1');
  await eventually(() => (naught.exists('naught.log') ? true : undefined));
  const worker = await naught.worker();
  kill(worker, 'SIGUSR1');
  await eventually(() => (listensOn(worker).length === 1 ? true : undefined));
  expect(listensOn(daemon)).toEqual([Number(naught.env.PORT)]);
  expect(listensOn(control)).toEqual([]);
  expect(controlOf(daemon)).toBe(control);
});

it('the inspector of the only worker has the port that was asked for, of others the next ones, of a deploy free ones', async () => {
  await using naught = await Naught.withPort();
  const first = 20_000 + (process.pid % 10_000);
  await naught.start(['--worker-count', '2', '--node-args', `--inspect=127.0.0.1:${first}`, server]);
  const ports = async () => (await naught.status()).workers.flatMap(({ pid }) => listensOn(pid ?? 0)).sort();
  const before = await ports();
  expect(before).toHaveLength(2);
  expect(before[0]).toBeGreaterThanOrEqual(first);
  await naught.run(['deploy', '--worker-count', '1']);
  const [after = 0] = await ports();
  expect(before).not.toContain(after);
  await naught.run(['deploy']);
  expect(await ports()).toEqual([before[0]]);
});

describe('the ipc-file', () => {
  it('that somebody removed is made again within a second, private as before, and is removed at the end', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    const { pid, ino } = { pid: naught.pid() ?? 0, ino: lstatSync(naught.path('naught.ipc')).ino };
    naught.remove('naught.ipc');
    const made = await eventually(() => lstatSync(naught.path('naught.ipc'), { throwIfNoEntry: false }), 2_000);
    expect(made.mode & 0o777).toBe(0o600);
    expect(made.ino).not.toBe(ino);
    expect(await naught.run(['status'])).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
    await naught.logged(`warn the ipc-file was removed, and is made again: ${naught.path('naught.ipc')}`);
    // Control knows the new one: it removes it when the supervisor is killed.
    kill(pid);
    await eventually(() => (naught.exists('naught.ipc') || naught.exists('naught.pid') ? undefined : true));
    await eventually(() => (isAlive(pid) ? undefined : true));
  });

  it('that somebody else made is left alone, told once, and made ours again when it is gone', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    naught.remove('naught.ipc');
    const other = createServer().listen(naught.path('naught.ipc'));
    await new Promise((listening) => other.once('listening', listening));
    const { ino } = lstatSync(naught.path('naught.ipc'));
    await naught.logged("warn the ipc-file is somebody else's now");
    expect(lstatSync(naught.path('naught.ipc')).ino).toBe(ino);
    await new Promise((closed) => other.close(closed));
    await naught.logged('the ipc-file was removed, and is made again');
    expect(naught.read('naught.log').match(/somebody else's/g)).toHaveLength(1);
    expect(await naught.status()).toMatchObject({ count: { online: 1 } });
  });
});

describe('the folder of the daemon’s files, moved while it runs', () => {
  it.each(['a stop', 'a kill of the supervisor'])('is tidied by %s, and another server starts there', async (end) => {
    await using naught = await Naught.withPort();
    mkdirSync(naught.path('app'));
    await naught.start([server], { cwd: naught.path('app') });
    const daemon = naught.pid('app/naught.pid') ?? 0;
    renameSync(naught.path('app'), naught.path('app.old'));
    // Another one at the old path is nobody's business.
    mkdirSync(naught.path('app'));
    naught.write('app/naught.ipc', 'of somebody');
    const moved = { cwd: naught.path('app.old') };
    if (end === 'a stop') expect(await naught.run(['stop'], moved)).toMatchObject({ code: 0 });
    else kill(daemon);
    await eventually(() => (isAlive(daemon) || childrenOf(daemon).length > 0 ? undefined : true));
    await eventually(() => (left('app.old').length === 0 ? true : undefined));
    expect(naught.read('app/naught.ipc')).toBe('of somebody');
    expect(await naught.run(['start', server], moved)).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
    await naught.run(['stop'], moved);

    function left(folder: string): string[] {
      return readdirSync(naught.path(folder)).filter((name) => /\.(ipc|pid)|^\./.test(name));
    }
  });
});

describe('what the system refuses before anything runs is a sentence, and not a stack', () => {
  it('in a folder that is gone', async () => {
    await using naught = new Naught();
    const gone = join(naught.dir, 'gone');
    const ran = await naught.run(
      ['sh', '-c', `mkdir ${gone}; cd ${gone}; rmdir ${gone}; exec ${process.execPath} ${program} status`],
      {
        command: ['env'],
      },
    );
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toBe('unable to run: the current directory is gone; change to one that is there\n');
  });

  it.each([24, 27, 33, 60])('with too few descriptors (%s), and nothing stays', async (limit) => {
    await using naught = new Naught();
    const command = `ulimit -n ${limit}; exec ${process.execPath} ${program} start ${server}`;
    const ran = await naught.run(['sh', '-c', command], { command: ['env'] });
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/EMFILE|descriptors/) });
    expect(ran.stderr).not.toMatch(/\n {4}at /);
    expect([naught.exists('naught.ipc'), naught.exists('naught.pid')]).toEqual([false, false]);
  });
});
