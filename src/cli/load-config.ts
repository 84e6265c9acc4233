import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import type { Plugin } from '@oclif/core/interfaces';
import { settings } from '@oclif/core/settings';
import { findPackage } from './package.ts';
import type { Load } from './start/library.ts';

/** The commands as the build has written them down, so that none needs to be loaded to know of it. */
interface Manifest {
  commands: Record<string, Command.Cached & { relativePath: string[] }>;
}

/** Returns oclif's configuration. What it would search for is told: commands that are compiled, and listed in the manifest. */
export async function loadConfig(load: Load): Promise<Config> {
  settings.enableAutoTranspile = false;
  const { root, packageJson } = findPackage();
  const naught = ownPlugin(root, packageJson as Plugin['pjson'], load);
  // With DEBUG its own logger, which prints what it does, and takes long to load.
  const logger = process.env.DEBUG === undefined ? { logger: silent } : {};
  const config = new NaughtConfig({ root, pjson: naught.pjson, plugins: new Map([[naught.name, naught]]), ...logger });
  await config.load();
  return config;
}

class NaughtConfig extends Config {
  /** oclif would look for a theme of the user's: naught has no colours but those of its display. */
  override async loadTheme(): Promise<undefined> {}
}

const nothing = () => {};
const silent = {
  namespace: 'naught',
  child: () => silent,
  debug: nothing,
  error: nothing,
  info: nothing,
  trace: nothing,
  warn: nothing,
};

/** naught itself, as oclif would find it: the plugin whose commands are in this package. */
function ownPlugin(root: string, pjson: Plugin['pjson'], load: Load): Plugin {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'));
  const commands = Object.values(manifest.commands).map((cached) => ({
    ...cached,
    load: async () => {
      const { default: command } = load(join(root, ...cached.relativePath)) as { default: Command.Class };
      return Object.assign(command, { id: cached.id, plugin });
    },
  }));
  const plugin: Plugin = {
    _base: pjson.name,
    name: pjson.name,
    alias: pjson.name,
    version: pjson.version,
    type: 'core',
    moduleType: 'commonjs',
    pjson,
    root,
    options: { root, isRoot: true },
    isRoot: true,
    valid: true,
    hasManifest: true,
    commandsDir: join(root, 'dist', 'cli', 'commands'),
    commandIDs: commands.map(({ id }) => id),
    commands,
    hooks: {},
    topics: [],
    load: async () => {},
    findCommand: async (id: string) => commands.find((command) => command.id === id)?.load() as never,
  };
  return plugin;
}
