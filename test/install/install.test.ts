import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/port.ts';

/** What npm makes of this folder, installed as a user does; on the versions of Node in INSTALL_NODES, or on the one that runs the tests. */

const root = join(import.meta.dirname, '../..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'naught-install-')));
const nodes = process.env.INSTALL_NODES?.split(',') ?? ['current'];
const npm = process.env.npm_execpath ?? realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());

interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string; mode: number }[];
}
let packed: Packed;

beforeAll(() => {
  const args = [npm, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  [packed] = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('is under 3 MB unpacked, and has no tool of the project', () => {
    expect(packed.unpackedSize).toBeLessThan(3_000_000);
    const paths = packed.files.map(({ path }) => path);
    expect(paths.filter((path) => /^(src|test|scripts|dist\/protocol)\//.test(path))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'man/naught.1', 'docs/README.md', 'openapi.yaml']),
    );
  });

  it('has the whole license of each package that is bundled', () => {
    const text = readFileSync(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const [, count] = /of these (\d+) packages/.exec(text) ?? [];
    const parts = text.split(/^-{80}\n(.+ \S+ \(.+\))\n-{80}\n/m).slice(1);
    expect(parts.length / 2).toBe(Number(count));
    for (let at = 1; at < parts.length; at += 2)
      expect([parts[at - 1], (parts[at] ?? '').length > 500]).toEqual([parts[at - 1], true]);
    for (const name of ['fastify', 'undici', '@oclif/core', 'winston', 'typebox'])
      expect(text).toMatch(new RegExp(`^${name} `, 'm'));
  });
});

describe.each(nodes)('installed globally, with Node %s', (version) => {
  const prefix = join(folder, `prefix-${version}`);
  let node: string;
  const run = (command: string, args: string[], cwd = folder, env: NodeJS.ProcessEnv = {}) => {
    const path = [join(prefix, 'bin'), dirname(node), process.env.PATH].join(delimiter);
    return spawnSync(command, args, { cwd, env: { ...process.env, ...env, PATH: path }, encoding: 'utf8' });
  };

  beforeAll(() => {
    node = version === 'current' ? process.execPath : nodeOf(version);
    mkdirSync(prefix);
    const { status, stderr } = run(node, [
      npm,
      'install',
      '--global',
      '--prefix',
      prefix,
      '--no-audit',
      '--no-fund',
      join(folder, packed.filename),
    ]);
    expect([status, stderr.replaceAll(/^npm (notice|warn).*\n/gm, '')]).toEqual([0, '']);
  });

  it('it starts, deploys, shows and stops an example of the package, and leaves nothing', async () => {
    const app = join(folder, `app-${version}`);
    cpSync(join(prefix, 'lib/node_modules/naught2/examples/http'), app, { recursive: true });
    const env = { PORT: String(await freePort()), XDG_CACHE_HOME: join(folder, 'cache') };
    const naught = (...args: string[]) => run('naught', args, app, env);
    try {
      expect(naught('start', '--online-on', 'listening', 'server.js')).toMatchObject({
        status: 0,
        stdout: 'workers online: 1\n',
      });
      expect((await fetch(`http://localhost:${env.PORT}`)).status).toBe(200);
      expect(naught('deploy', '--worker-count', '2')).toMatchObject({
        status: 0,
        stderr: expect.stringMatching(/\ndone\n$/),
      });
      const { node: runs, count } = JSON.parse(naught('status', '--json').stdout);
      expect(count).toMatchObject({ online: 2 });
      expect(runs).toBe(run(node, ['--version']).stdout.trim());
    } finally {
      expect(naught('stop')).toMatchObject({ status: 0 });
    }
    expect(existsSync(join(app, 'naught.ipc'))).toBe(false);
    expect(readdirSync(join(prefix, 'lib/node_modules'))).toEqual(['naught2']);
  });
});

/** The program of a version, as the registry's package `node` has it. */
function nodeOf(version: string): string {
  const found = spawnSync(
    process.execPath,
    [npm, 'exec', '--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  expect(found.stderr.replaceAll(/^npm (notice|warn).*\n/gm, '')).toBe('');
  return found.stdout.trim();
}
