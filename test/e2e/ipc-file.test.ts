import { fork } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { lines, Naught, root, server } from '../support/naught.ts';
import { isAlive, kill } from '../support/processes.ts';

const cannotConnect = (path: string) => `unable to connect to ipc-file \`${path}\`\n\n`;
const causes = '1. the ipc file specified is invalid, or\n2. the daemon process died unexpectedly\n';
const removing = 'removing the ipc-file and attempting to continue\n';
const boot = lines('Bootup 0 0 0 0', 'SpawnNew 1 0 0 0', 'NewOnline 0 0 0 1');

/** Leaves a socket that nobody listens at, as a daemon that was killed together with its control process. */
async function leaveStale(path: string): Promise<void> {
  const listener = createServer().listen(`${path}.live`);
  await once(listener, 'listening');
  linkSync(`${path}.live`, path);
  await new Promise((closed) => listener.close(closed));
}

describe('the ipc-file', () => {
  it('of a daemon that died is named, is removed only when that is asked for, and every command says so', async () => {
    await using naught = await Naught.withPort();
    await leaveStale(naught.path('naught.ipc'));
    const { ino } = lstatSync(naught.path('naught.ipc'));
    for (const args of [['start', server], ['status'], ['deploy'], ['deploy-abort'], ['stop']]) {
      const refused = await naught.run(args);
      expect(refused).toEqual({ code: 1, signal: null, stdout: '', stderr: cannotConnect('naught.ipc') + causes });
    }
    expect(lstatSync(naught.path('naught.ipc')).ino).toBe(ino);
    expect(naught.pid()).toBeNull();

    const started = await naught.run(['start', '--remove-old-ipc', 'true', server]);
    expect(started).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
    expect(started.stderr).toBe(cannotConnect('naught.ipc') + removing + boot);
  });

  it('is never taken from a daemon that is alive, with or without --remove-old-ipc', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    const before = await naught.status();
    for (const option of ['true', 'false']) {
      const refused = await naught.run(['start', '--remove-old-ipc', option, server]);
      expect(refused).toEqual({
        code: 1,
        signal: null,
        stdout: 'workers online: 1\n',
        stderr: expect.stringContaining('already running: '),
      });
    }
    expect(await naught.status()).toMatchObject({
      pid: before.pid,
      release: 1,
      workers: [{ pid: before.workers[0]?.pid }],
    });
  });

  it('that is a plain file of its name is told like a stale one, and stays as it is', async () => {
    await using naught = await Naught.withPort();
    naught.write('naught.ipc', 'somebody wrote this');
    const refused = await naught.run(['start', server]);
    expect(refused).toEqual({ code: 1, signal: null, stdout: '', stderr: cannotConnect('naught.ipc') + causes });
    expect(naught.read('naught.ipc')).toBe('somebody wrote this');
    // As in 1.x, whose own test removes such a file.
    const removed = await naught.run(['start', '--remove-old-ipc', 'true', server]);
    expect(removed).toMatchObject({ code: 0, stderr: cannotConnect('naught.ipc') + removing + boot });
  });

  it.each(['data.db', 'server.cjs'])(
    'that is a file of somebody else (%s) is told, and is never removed',
    async (name) => {
      await using naught = await Naught.withPort();
      naught.install('server.cjs');
      if (name === 'data.db') naught.write(name, 'important');
      const before = naught.read(name);
      for (const args of [[], ['--remove-old-ipc', 'true'], ['--remove-old-ipc', 'true', '--daemon-mode', 'false']]) {
        const refused = await naught.run(['start', '--ipc-file', name, ...args, 'server.cjs']);
        expect(refused).toMatchObject({ stdout: '', stderr: expect.stringContaining(name) });
        expect(refused.code).toBeGreaterThan(0);
        expect(refused.stderr).not.toMatch(/died unexpectedly|removing/);
        expect(naught.read(name)).toBe(before);
      }
      naught.remove(name);
    },
  );

  it('that is no socket is called so', async () => {
    await using naught = await Naught.withPort();
    naught.write('data.db', 'important');
    const refused = await naught.run(['start', '--ipc-file', 'data.db', '--remove-old-ipc', 'true', server]);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'unable to connect to ipc-file `data.db`: it is not a socket\n',
    });
    naught.remove('data.db');
  });

  it.each([
    ['directory', 'false'],
    ['directory', 'true'],
    ['dangling link', 'false'],
    ['dangling link', 'true'],
  ])('that is a %s is not touched (--remove-old-ipc %s)', async (what, removeOld) => {
    await using naught = await Naught.withPort();
    if (what === 'directory') naught.write('naught.ipc/file');
    else symlinkSync('nowhere', naught.path('naught.ipc'));
    const { ino } = lstatSync(naught.path('naught.ipc'));
    const refused = await naught.run(['start', '--remove-old-ipc', removeOld, server]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('naught.ipc');
    expect(lstatSync(naught.path('naught.ipc')).ino).toBe(ino);
    expect(naught.pid()).toBeNull();
    naught.remove('naught.ipc');
  });

  it("that is another program's is left alone, even with --remove-old-ipc true", async () => {
    await using naught = await Naught.withPort();
    // A program that answers something which is no HTTP.
    const other = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume().end('220 mail.example.com ready\r\n');
    }).listen(naught.path('naught.ipc'));
    await once(other, 'listening');
    for (const args of [
      ['start', server],
      ['start', '--remove-old-ipc', 'true', server],
      ['start', '--daemon-mode', 'false', server],
      ['status'],
      ['deploy'],
      ['stop'],
    ]) {
      const refused = await naught.run(args);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/naught\.ipc/);
    }
    expect(lstatSync(naught.path('naught.ipc')).isSocket()).toBe(true);
    expect(naught.pid()).toBeNull();
    await new Promise((closed) => other.close(closed));
  });

  it('is readable and writable by its owner alone from its first instant, whatever the umask', async () => {
    await using naught = await Naught.withPort();
    const watcher = fork(join(root, 'test/fixtures/servers/watch-sockets.mjs'), [naught.dir], { silent: true });
    let seen = '';
    watcher.stdout?.on('data', (text) => {
      seen += text;
    });
    await once(watcher, 'message');
    const umask = process.umask(0);
    const starting = naught.begin(['start', server]);
    process.umask(umask);
    expect(await starting.ended).toMatchObject({ code: 0 });
    await eventually(() => (seen.includes('naught.ipc ') ? true : undefined));
    watcher.kill();
    await once(watcher, 'close');
    const modes = seen.trimEnd().split('\n');
    expect(modes).toContain('naught.ipc 600');
    expect(modes.filter((mode) => !mode.endsWith(' 600'))).toEqual([]);
    // The umask of the workers is that of the command, not the one that made the socket private.
    expect(readFileSync(`/proc/${await naught.worker()}/status`, 'utf8')).toMatch(/^Umask:\s+0000$/m);
  });

  it('is won by exactly one of eight starters, and the others tell what runs there', async () => {
    await using naught = await Naught.withPort();
    const starters = Array.from({ length: 8 }, () => naught.begin(['start', '--worker-count', '2', server]));
    const ends = await Promise.all(starters.map(({ ended }) => ended));
    const winners = ends.filter(({ code }) => code === 0);
    expect(winners.map(({ stdout }) => stdout)).toEqual(['workers online: 2\n']);
    for (const { code, stdout, stderr } of ends.filter((end) => !winners.includes(end))) {
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('already running: ') });
      expect(stdout).toMatch(/^(workers online: 2\n|booting\nbooting: \d, online: 0, dying: 0, new_online: \d\n)$/);
    }
    const { pid, workers } = await naught.status();
    expect(naught.pid()).toBe(pid);
    expect(workers).toHaveLength(2);
    expect(naught.events()).toHaveLength(6);
    await naught.run(['stop']);
    await eventually(() => (isAlive(pid) ? undefined : true));
  });

  it('that somebody replaced meanwhile is not removed at the end', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    const daemon = naught.pid() ?? 0;
    naught.remove('naught.ipc');
    naught.write('naught.ipc', "somebody else's");
    kill(daemon, 'SIGTERM');
    await eventually(() => (isAlive(daemon) ? undefined : true));
    expect(naught.read('naught.ipc')).toBe("somebody else's");
    expect(naught.pid()).toBeNull();
  });
});
