import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Config } from '@oclif/core/config';
import { printable } from '../../protocol/text.ts';
import { findPackage } from '../package.ts';
import type * as HostModule from './host/main.ts';

/**
 * The user's plugins. Commands that need none load nothing of this but the few lines here: whether there are any is one look for the
 * file that lists them, and their code is loaded by what uses it: a command that naught has not, help, and an operation.
 */

let config: Config | undefined;
let host: HostModule.Host | undefined;
/** Something of a plugin may still run, and keep the process from ending. */
let stuck = false;
/** What is to be said of plugins when the display of an operation is over. */
const unsaid: string[] = [];

/** Whether the user has any. */
export const hasPlugins = (): boolean => config !== undefined && existsSync(join(config.dataDir, 'package.json'));

/** What can be done with them. */
export function openHost(): HostModule.Host {
  const { root, packageJson } = findPackage();
  host ??= new (requireHost(root).Host)(config!.dataDir, { root, version: packageJson.version }, sayLater);
  return host;
}

/**
 * Returns the words of a command line with those of a plugin's command as one: `notify test` is `notify:test`. To be called once, before
 * the command is looked up; the plugins' commands are added where naught has none of that name, and where they are to be listed.
 */
export async function withPlugins(loaded: Config, argv: readonly string[]): Promise<readonly string[]> {
  config = loaded;
  const [first = 'help'] = argv;
  const isOwn = loaded.findCommand(first) !== undefined || first === '--version' || first === '-v';
  if ((isOwn && first !== 'help') || !hasPlugins()) return argv;
  await addCommands(loaded);
  sayNow();
  const taken = longestCommand(loaded, argv);
  return taken === 0 ? argv : [argv.slice(0, taken).join(':'), ...argv.slice(taken)];
}

/** To be called when everything else is done. */
export function endWithPlugins(): void {
  if (stuck) process.exit();
}

export function markStuck(): void {
  stuck = true;
}

/** Says what there is to say of plugins. */
export function sayNow(): void {
  for (const text of unsaid.splice(0)) process.stderr.write(`naught: ${printable(text)}\n`);
}

/** On a terminal what is shown of an operation is drawn again and again, and nothing may be written in between. */
function sayLater(text: string): void {
  unsaid.push(text);
  if (!process.stderr.isTTY) sayNow();
}

async function addCommands(loaded: Config): Promise<void> {
  const registry = loaded as unknown as { loadCommands(plugin: unknown): void; loadTopics(plugin: unknown): void };
  for (const plugin of await openHost().commands()) {
    loaded.plugins.set(plugin.name, plugin);
    registry.loadCommands(plugin);
    registry.loadTopics(plugin);
  }
}

/** How many of the words name a command. */
function longestCommand(loaded: Config, argv: readonly string[]): number {
  for (let count = argv.length; count > 0; count--) {
    if (loaded.findCommand(argv.slice(0, count).join(':')) !== undefined) return count;
  }
  return 0;
}

/** Not by `import()`: Node's loader of ES modules would be started for it. */
const requireHost = (root: string): typeof HostModule =>
  createRequire(join(root, 'package.json'))('./dist/plugin/host.cjs');
