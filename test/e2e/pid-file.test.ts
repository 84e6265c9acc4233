import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../bench/port.ts';
import { Naught, program, ranOf, server } from '../support/naught.ts';
import { mark } from '../support/processes.ts';

describe('the pid-file', () => {
  it.each([
    ['as a daemon', 'true'],
    ['in the foreground', 'false'],
  ])('that cannot be written ends the start %s, and nothing is left of it', async (_how, daemonMode) => {
    await using naught = await Naught.withPort();
    mkdirSync(naught.path('folder/app'), { recursive: true });
    const cwd = naught.path('folder/app');
    const refused = await naught.run(['start', '--daemon-mode', daemonMode, '--pid-file', '.', server], { cwd });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^unable to start daemon: EISDIR/);
    expect(readdirSync(dirname(cwd))).toEqual(['app']);
    expect(readdirSync(cwd).filter((file) => !file.endsWith('.log'))).toEqual([]);

    expect(await naught.run(['start', server], { cwd })).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
    expect(await naught.run(['stop'], { cwd })).toMatchObject({ code: 0 });
    expect(readdirSync(cwd).filter((file) => !file.endsWith('.log'))).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'whose path is /dev/null is not kept, for a user who may write nothing there',
    async () => {
      await using naught = new Naught();
      chmodSync(naught.dir, 0o1777);
      const env = { PATH: process.env.PATH, [mark]: naught.dir };
      const run = (...args: string[]) =>
        ranOf(spawn(process.execPath, [program, ...args], { cwd: naught.dir, env, uid: 54321, gid: 54321 }));
      const started = await run('start', '--pid-file', '/dev/null', server);
      expect(started).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
      expect(await run('stop')).toMatchObject({ code: 0 });
    },
  );

  it('that names another daemon is taken over with a warning, and given back at the end', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    const first = naught.pid();
    const env = { PORT: String(await freePort()) };
    const second = ['start', '--ipc-file', 'second.ipc', '--log', 'second.log', server];
    expect(await naught.run(second, { env })).toMatchObject({ code: 0 });
    expect(naught.pid()).toBe((await naught.status('second.ipc')).pid);
    expect(naught.read('second.log')).toContain(
      ` warn the pid-file named another daemon, pid ${first}, and names this`,
    );
    await naught.run(['stop', 'second.ipc']);
    expect(naught.pid()).toBe(first);

    expect(await naught.run(second, { env })).toMatchObject({ code: 0 });
    const { pid } = await naught.status('second.ipc');
    await naught.run(['stop']);
    expect(naught.pid()).toBe(pid);
    await naught.run(['stop', 'second.ipc']);
    expect(naught.pid()).toBeNull();
  });

  it.runIf(process.platform === 'linux')(
    'of a daemon that was killed, whatever process has its number now, is replaced without a word',
    async () => {
      await using naught = await Naught.withPort();
      naught.write('naught.pid', String(process.pid));
      await naught.start();
      expect(naught.pid()).toBe((await naught.status()).pid);
      expect(naught.read('naught.log')).not.toContain('pid-file');
    },
  );
});
