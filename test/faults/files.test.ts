import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
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

  it.each(['--ipc-file', '--pid-file', '--stdout'])('is refused for %s when it is above its folder', async (option) => {
    await using naught = await Naught.withPort();
    const above = folder(naught, 'above', 0o777);
    folder(naught, 'above/run', 0o755);
    const refused = await naught.run(['start', option, 'above/run/naught.x', server]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`anybody may put files into ${above}, above ${above}/run/naught.x`);
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

it.each(['link', 'FIFO'])(
  'a %s in the place of the pid-file is replaced, and the mode is the same whatever the umask is',
  async (what) => {
    await using naught = await Naught.withPort();
    const victim = naught.write('victim', 'precious');
    if (what === 'link') symlinkSync(victim, naught.path('naught.pid'));
    else execFileSync('mkfifo', [naught.path('naught.pid')]);
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
  },
);
