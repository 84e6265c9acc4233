import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { root } from '../support/naught.ts';

const program = `
import { createServer } from 'node:http';
import { guard, offline, online, onShutdown, type ShutdownFunction } from 'naught2/worker';

const server = createServer();
const leave: ShutdownFunction = () => server.close();
guard(server);
onShutdown(leave);
export const said: boolean = online() && offline();
// @ts-expect-error: it is typed
onShutdown('not a function');
`;

/** A project of the user's, with what is published of this package. */
function project(packageJson: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'naught-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const installed = join(folder, 'node_modules/naught2');
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(packageJson));
  writeFileSync(join(folder, 'server.ts'), program);
  return folder;
}

it.each([
  ['CommonJS', {}, ['--module', 'node16']],
  ['CommonJS', { type: 'commonjs' }, ['--module', 'nodenext', '--verbatimModuleSyntax', 'false']],
  ['an ES module', { type: 'module' }, ['--module', 'node16']],
  ['an ES module', { type: 'module' }, ['--module', 'nodenext']],
  ['bundled', { type: 'module' }, ['--module', 'esnext', '--moduleResolution', 'bundler']],
])('naught2/worker is typed for a program that is %s (%j, %j)', (_kind, packageJson, options) => {
  const cwd = project(packageJson);
  const args = ['--strict', '--target', 'es2022', '--types', 'node', '--outDir', 'out', ...options, 'server.ts'];
  const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], { cwd });
  expect(tsc.stdout.toString()).toBe('');
  expect(tsc.status).toBe(0);
  // What was compiled runs: without naught nothing is said.
  const ran = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', "console.log((await import('./out/server.js')).said)"],
    { cwd },
  );
  if (!options.includes('bundler')) expect([ran.stdout.toString(), ran.stderr.toString()]).toEqual(['false\n', '']);
});
