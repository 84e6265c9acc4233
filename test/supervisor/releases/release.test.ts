import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Release } from '../../../src/daemon/supervisor/machine/state.ts';
import { changesOf } from '../../../src/daemon/supervisor/releases/changes.ts';
import { again, nextRelease, scaledCount } from '../../../src/daemon/supervisor/releases/release.ts';
import { usableCpus } from '../../../src/protocol/usable-cpus.ts';

let folder: string;
let current: Release;
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'naught-release-')));
  for (const release of ['1', '2']) {
    mkdirSync(join(folder, release));
    writeFileSync(join(folder, release, 'server.js'), '');
  }
  turnTo('1');
  current = {
    number: 1,
    script: join(folder, 'current/server.js'),
    args: ['--port', '80'],
    nodeArgs: [],
    cwd: join(folder, 'current'),
    environment: { KEPT: '1', SECRET: '1', PATH: '/bin' },
    workerCount: 2,
    resolved: { script: join(folder, '1/server.js'), cwd: join(folder, '1') },
  };
  return () => rmSync(folder, { recursive: true });
});

function turnTo(release: string) {
  rmSync(join(folder, 'current'), { force: true });
  symlinkSync(release, join(folder, 'current'));
}

test('an environment adds to the former one, takes away with null, and alone is the whole one', async () => {
  const environment = { SECRET: null, NEW: '2', PATH: '/usr/bin' };
  const added = await nextRelease(current, { environment });
  expect(added.environment).toEqual({ KEPT: '1', NEW: '2', PATH: '/usr/bin' });
  const clean = await nextRelease(current, { environment, cleanEnvironment: true });
  expect(clean.environment).toEqual({ NEW: '2', PATH: '/usr/bin' });
  expect((await nextRelease(current, { cleanEnvironment: true })).environment).toEqual({});
  expect((await nextRelease(current, { cleanEnvironment: false })).environment).toEqual(current.environment);
});

test('what changes is told from and to, of the environment by name, and what does not change not at all', async () => {
  expect(changesOf(current, await nextRelease(current, {}))).toEqual({});
  turnTo('2');
  const environment = { SECRET: null, NEW: '2', PATH: '/usr/bin' };
  const next = await nextRelease(current, { environment, args: ['--port', '81'], workerCount: 3 });
  expect(changesOf(current, next)).toEqual({
    resolvedScript: { from: join(folder, '1/server.js'), to: join(folder, '2/server.js') },
    resolvedCwd: { from: join(folder, '1'), to: join(folder, '2') },
    args: { from: ['--port', '80'], to: ['--port', '81'] },
    workerCount: { from: 2, to: 3 },
    environment: { added: ['NEW'], changed: ['PATH'], removed: ['SECRET'] },
  });
});

test('a release once more is what its paths led to, and is refused by name when that is gone', async () => {
  turnTo('2');
  expect(await again(current)).toMatchObject({ resolved: current.resolved });
  rmSync(join(folder, '1/server.js'));
  const gone = {
    kind: 'release-gone',
    message: expect.stringMatching(/^release 1 .*its script is gone: .*server\.js$/),
  };
  await expect(again(current)).rejects.toMatchObject(gone);
  rmSync(join(folder, '1'), { recursive: true });
  await expect(again(current)).rejects.toThrow(`its folder is gone: ${join(folder, '1')}`);
});

test.each([
  [4, 5, 5],
  [4, '+2', 6],
  [4, '-3', 1],
  [4, '50%', 2],
  [3, '50%', 2],
  [3, '150%', 5],
  [4, '100%', 4],
  [4, 'auto', usableCpus()],
])('%i workers scaled to %s are %i', (count, wanted, scaled) => {
  expect(scaledCount(count, wanted)).toBe(scaled);
});

test.each([
  [4, '-4', '-4 of 4 would be 0'],
  [2, '10%', '10% of 2 would be 0'],
  [4, '+1021', '+1021 of 4 would be 1025'],
  [1, '102500%', '102500% of 1 would be 1025'],
])('%i workers cannot be scaled to %s', (count, wanted, message) => {
  expect(() => scaledCount(count, wanted)).toThrow(`workerCount must leave 1 to 1024 workers: ${message}`);
});
