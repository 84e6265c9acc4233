import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './control.ts';
import { naught, type RunOptions, repository } from './naught.ts';

const standIn = resolve(import.meta.dirname, '../fixtures/supervisor.js');

/** An installation of naught whose daemon is a stand-in, and a folder with a server to start. */
export function installation() {
  const folder = realpathSync(temporaryFolder());
  const installed = join(folder, 'naught2');
  const cwd = join(folder, 'app');
  for (const file of ['package.json', 'oclif.manifest.json', 'dist/cli', 'dist/client']) {
    cpSync(join(repository, file), join(installed, file), { recursive: true });
  }
  cpSync(standIn, join(installed, 'dist', 'daemon', 'supervisor.js'));
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'server.js'), '');
  const options: RunOptions = { cwd, main: join(installed, 'dist', 'cli', 'main.js') };
  return { cwd, options, start: (...args: string[]) => naught(['start', ...args], options) };
}
