import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Naught, server } from '../support/naught.ts';

/** A folder whose mode is not the umask's. */
function folder(naught: Naught, name: string, mode: number): string {
  mkdirSync(naught.path(name));
  chmodSync(naught.path(name), mode);
  return naught.path(name);
}

describe('a folder in which everybody may replace files', () => {
  it.each(['--ipc-file', '--pid-file'])('is refused for %s, named, and left as it was', async (option) => {
    await using naught = await Naught.withPort();
    const run = folder(naught, 'run', 0o777);
    const refused = await naught.run(['start', option, 'run/naught.x', server]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`anybody may put files into the folder of ${run}/naught.x`);
    expect(readdirSync(run)).toEqual([]);
  });

  it.each([
    ['with the sticky bit', 0o1777],
    ['that only a group may write', 0o775],
  ])('%s is taken', async (_what, mode) => {
    await using naught = await Naught.withPort();
    folder(naught, 'run', mode);
    await naught.start(['--ipc-file', 'run/naught.ipc', '--pid-file', 'run/naught.pid', server]);
    expect(await naught.run(['stop', 'run/naught.ipc'])).toMatchObject({ code: 0 });
    expect(readdirSync(naught.path('run'))).toEqual([]);
  });
});

it('the pid-file is replaced and not followed, and has its mode whatever the umask is', async () => {
  await using naught = await Naught.withPort();
  const victim = naught.write('victim', 'precious');
  symlinkSync(victim, naught.path('naught.pid'));
  const umask = process.umask(0o077);
  try {
    await naught.start();
  } finally {
    process.umask(umask);
  }
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  expect(lstatSync(naught.path('naught.pid')).isFile()).toBe(true);
  expect(lstatSync(naught.path('naught.pid')).mode & 0o777).toBe(0o644);
  expect(readdirSync(dirname(victim)).filter((name) => name.startsWith('.'))).toEqual([]);
  writeFileSync(victim, '');
});
