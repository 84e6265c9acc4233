import { expect, test } from 'vitest';
import { previewText, releasesText } from '../../src/cli/output/releases.ts';
import type { Preview, ReleaseEntry, Releases } from '../../src/protocol/release-schemas.ts';
import * as control from './support/control.ts';
import { naught } from './support/naught.ts';

const none = { added: [], changed: [], removed: [] };

function entry(release: number, over: Partial<ReleaseEntry> = {}): ReleaseEntry {
  return {
    release,
    type: 'deploy',
    time: new Date(2026, 0, 2, 3, 4, 5).toISOString(),
    state: 'replaced',
    served: 100,
    script: '/srv/server.js',
    resolvedScript: '/srv/server.js',
    cwd: '/srv',
    resolvedCwd: '/srv',
    args: [],
    nodeArgs: [],
    workerCount: 2,
    environment: none,
    ...over,
  };
}

const listed = (...releases: ReleaseEntry[]): Releases => ({ current: 1, kept: 20, releases });

test('releases are a table, and below each what it changed against the one that was current', () => {
  const two = { script: '/srv/current/server.js', resolvedScript: '/srv/2/server.js', resolvedCwd: '/srv/2' };
  const text = releasesText(
    listed(
      entry(12, { ...two, type: 'rollback', of: 9, state: 'serving', served: 0 }),
      entry(11, { args: ['--a', "it's"], nodeArgs: ['--inspect'], served: 7_199.9 }),
      entry(10, { ...two, args: ['-x'], state: 'failed', reason: 'died', served: 0, workerCount: 16 }),
      entry(9, { ...two, served: 180_000, environment: { added: ['A', 'B'], changed: [], removed: ['C'] } }),
      entry(1, { type: 'boot', environment: { ...none, added: ['PATH'] } }),
    ),
  );
  expect(text.split('\n')).toEqual([
    'RELEASE  STATE         DEPLOYED             SERVED   WORKERS  SCRIPT',
    '     12  serving       2026-01-02 03:04:05  0 s            2  /srv/2/server.js',
    '         rollback to release 9',
    '         given as /srv/current/server.js',
    '         in /srv/2',
    '         arguments: none',
    '         node arguments: none',
    '     11  replaced      2026-01-02 03:04:05  119 min        2  /srv/server.js',
    '         in /srv',
    "         arguments: --a 'it'\\''s'",
    '         node arguments: --inspect',
    '     10  failed: died  2026-01-02 03:04:05                16  /srv/2/server.js',
    '         arguments: -x',
    '      9  replaced      2026-01-02 03:04:05  2 d            2  /srv/2/server.js',
    '         given as /srv/current/server.js',
    '         in /srv/2',
    '         environment: added A, B; removed C',
    '      1  replaced      2026-01-02 03:04:05  100 s          2  /srv/server.js',
    '         in /srv',
  ]);
});

const preview: Preview = {
  current: 3,
  release: 5,
  changes: {
    resolvedScript: { from: '/srv/1/server.js', to: '/srv/2/server.js' },
    args: { from: ['--a b'], to: [] },
    workerCount: { from: 2, to: 4 },
    environment: { added: ['NEW'], changed: [], removed: ['OLD', 'OLDER'] },
  },
};

test('a preview is a line for each change', () => {
  expect(previewText(preview).split('\n')).toEqual([
    'release 5 would replace release 3:',
    '  script, links resolved: /srv/1/server.js → /srv/2/server.js',
    "  arguments: '--a b' → none",
    '  workers: 2 → 4',
    '  environment: added NEW; removed OLD, OLDER',
    'nothing was changed',
  ]);
  expect(previewText({ ...preview, changes: {} })).toContain('\n  nothing: it is the same once more\n');
});

test('releases prints the table on stdout, and with --json the result of the method', async () => {
  const releases = listed(entry(1, { script: '/srv/\u001b[2Jserver.js', resolvedScript: '/srv/\u001b[2Jserver.js' }));
  const { cwd } = await control.daemon({ 'GET /releases': control.json(releases) });
  const [table, json] = await Promise.all([naught(['releases'], { cwd }), naught(['releases', '--json'], { cwd })]);
  expect([table.stderr, table.exit]).toEqual(['', 0]);
  expect(table.stdout).toMatch(/^RELEASE {2}STATE .*\n {6}1 {2}replaced .*\/srv\/\\u001b\[2Jserver\.js\n/);
  expect([JSON.parse(json.stdout), json.stderr, json.exit]).toEqual([releases, '', 0]);
});

const done = control.ndjson([
  control.event('NewOnline', control.counts(0, 1, 0, 1)),
  control.event('Ready', control.counts(0, 2)),
  { result: control.outcome() },
]);
const defaults = { timeout: null, waitOld: true };

test.each<[string[], string, object]>([
  [['rollback'], 'POST /rollback', { ...defaults, workerCount: 0 }],
  [['rollback', '7', 'naught.ipc', '--timeout', '3'], 'POST /rollback', { release: 7, timeout: 3 }],
  [['rollback', '--worker-count', '3', './naught.ipc'], 'POST /rollback', { ...defaults, workerCount: 3 }],
  [['restart', '--wait-old', 'false', 'naught.ipc'], 'POST /restart', { ...defaults, waitOld: false }],
  [['restart', '--worker', '1', '--worker', '2', 'naught.ipc'], 'POST /restart', { ...defaults, workers: [1, 2] }],
  [
    ['rollback', '--canary', '1', '--bake', '9', '--surge', '25%'],
    'POST /rollback',
    { canary: 1, bake: 9, surge: '25%' },
  ],
  [['scale', '3'], 'POST /scale', { ...defaults, workerCount: 3 }],
  [['scale', '-2', 'naught.ipc'], 'POST /scale', { ...defaults, workerCount: '-2' }],
  [['scale', '+1', '--timeout', '5'], 'POST /scale', { workerCount: '+1', timeout: 5 }],
  [['scale', '50%'], 'POST /scale', { ...defaults, workerCount: '50%' }],
])('%j shows the events, and is done', async (words, route, body) => {
  const { cwd, requests } = await control.daemon({ [route]: done });
  expect(await naught(words, { cwd })).toEqual({
    stdout: '',
    stderr: 'NewOnline. booting: 0, online: 1, dying: 0, new_online: 1\ndone\n',
    exit: 0,
  });
  expect(requests.map((request) => request.route)).toEqual([route]);
  expect(requests[0]?.body).toMatchObject(body);
  if (!words.includes('7')) expect(requests[0]?.body).not.toHaveProperty('release');
});

test.each([
  [['deploy', '--dry-run', '--env', 'A=1'], 'POST /deploy/preview', { environment: { A: '1' } }],
  [['deploy', '--clean-env', '--dry-run', '--unset', 'A'], 'POST /deploy/preview', { cleanEnvironment: true }],
  [['rollback', '3', '--dry-run'], 'POST /rollback/preview', { release: 3 }],
])('%j asks what would change, and for nothing else', async (words, route, body) => {
  const { cwd, requests } = await control.daemon({ [route]: control.json(preview) });
  expect(await naught(words, { cwd })).toEqual({ stdout: `${previewText(preview)}\n`, stderr: '', exit: 0 });
  const { stdout } = await naught([...words, '--json'], { cwd });
  expect(JSON.parse(stdout)).toEqual(preview);
  expect(requests.map((request) => request.route)).toEqual([route, route]);
  expect(requests[0]?.body).toMatchObject(body);
});

test('deploy --clean-env tells the whole environment of the command, with --env and --unset upon it', async () => {
  const { cwd, requests } = await control.daemon({ 'POST /deploy': control.ndjson([{ result: control.outcome() }]) });
  const words = ['--clean-env', '--env', 'A=1', '--unset', 'HOME'];
  await naught(['deploy', ...words], { cwd, env: { GREETING: 'hello', NAUGHT_WORKER: '3' } });
  const { environment, cleanEnvironment } = requests[0]!.body as { environment: object; cleanEnvironment: boolean };
  expect(cleanEnvironment).toBe(true);
  const passed = { PATH: process.env.PATH, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, GREETING: 'hello' };
  expect(environment).toEqual({ ...passed, A: '1', HOME: null });
});

test('a former release that there is not is told, exit 1', async () => {
  const refusal = control.problem(409, 'no-former-release', 'there is no release 9', 1014);
  const { cwd } = await control.daemon({ 'POST /rollback': refusal });
  expect(await naught(['rollback', '9'], { cwd })).toEqual({ stdout: '', stderr: 'there is no release 9\n', exit: 1 });
});
