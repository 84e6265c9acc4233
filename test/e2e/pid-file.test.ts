import { mkdirSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Naught, server } from '../support/naught.ts';

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
});
