import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Naught, server } from '../support/naught.ts';
import { filesOf, writer } from './support.ts';

async function withUmask<Value>(umask: number, action: () => Promise<Value>): Promise<Value> {
  const before = process.umask(umask);
  try {
    return await action();
  } finally {
    process.umask(before);
  }
}

it.each([0o000, 0o077])('makes logs and archives of mode 640, with a umask of %i', async (umask) => {
  await using naught = new Naught();
  naught.env = { LINES: '100' };
  await withUmask(umask, () => naught.start(['--stdout', 'logs/stdout.log', '--max-log-size', '5000', writer]));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  const archives = filesOf(naught, 'logs/stdout.log').slice(0, -1);
  expect(archives.length).toBeGreaterThan(0);
  const files = ['naught.log', 'stderr.log', 'logs/stdout.log', ...archives.map((name) => `logs/${name}`)];
  const modes = files.map((name) => {
    const { mode } = naught.exists(name) ? statSync(naught.path(name)) : statSync(naught.path(`${name}.gz`));
    return mode & 0o777;
  });
  expect(modes).toEqual(files.map(() => 0o640));
  expect(statSync(naught.path('logs')).mode & 0o022).toBe(0);
});

it('does not start with a log in a folder where anybody may put files, and names it', async () => {
  await using naught = await Naught.withPort();
  mkdirSync(naught.path('open'));
  chmodSync(naught.path('open'), 0o777);
  const started = await naught.run(['start', '--stderr', 'open/stderr.log', server]);
  expect(started).toMatchObject({ code: 1, stdout: '' });
  expect(started.stderr).toContain(
    `unable to start daemon: anybody may put files into the folder of ${naught.path('open/stderr.log')}`,
  );
  expect(naught.exists('open/stderr.log')).toBe(false);
  chmodSync(naught.path('open'), 0o1777);
  await naught.start(['--stderr', 'open/stderr.log', server]);
  expect(naught.exists('open/stderr.log')).toBe(true);
});

it('does not start with a log that is a link which others could have made', async () => {
  await using naught = await Naught.withPort();
  mkdirSync(naught.path('shared'));
  chmodSync(naught.path('shared'), 0o1777);
  naught.write('victim', 'precious');
  symlinkSync(naught.path('victim'), naught.path('shared/stdout.log'));
  const started = await naught.run(['start', '--stdout', 'shared/stdout.log', server]);
  expect(started).toMatchObject({ code: 1 });
  expect(started.stderr).toContain('shared/stdout.log is a symbolic link in a folder that others may write to');
  expect(naught.read('victim')).toBe('precious');
});
