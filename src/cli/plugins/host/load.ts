import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Plugin } from '@oclif/core/config';
import satisfies from 'semver/functions/satisfies.js';
import type { Listed, PluginList } from './list.ts';

/** What can be known of a plugin without running any of its code. */
export interface Found {
  listed: Listed;
  root: string;
  version: string;
  /** Range of the versions of naught2 that it is made for; undefined: it does not say. */
  madeFor: string | undefined;
  hooks: Record<string, unknown>;
}

interface PackageJson {
  name?: string;
  version?: string;
  peerDependencies?: Record<string, string>;
  oclif?: { hooks?: Record<string, unknown>; commands?: unknown };
}

/** Throws an Error that says what is wrong with it, and what to do. `version`: of naught. */
export function find(list: PluginList, listed: Listed, version: string): Found {
  const root = listed.root ?? join(list.folder, 'node_modules', listed.name);
  const found = inspect(root, listed);
  if (!fits(found, version)) {
    const remedy =
      listed.type === 'link'
        ? `\`naught plugins uninstall ${listed.name}\` removes it`
        : `\`naught plugins install ${listed.name}@latest\` may fit, \`naught plugins uninstall ${listed.name}\` removes it`;
    throw new Error(
      `the plugin ${listed.name} ${found.version} is made for naught2 ${found.madeFor}, and this is ${version}: it is not used; ${remedy}`,
    );
  }
  return found;
}

/** Throws when there is no plugin of naught in this folder. */
export function inspect(root: string, listed: Pick<Listed, 'type'> & Partial<Listed>): Found {
  const { name = listed.name, version = '0.0.0', peerDependencies, oclif } = readPackage(root, listed.name);
  if (name === undefined) throw new Error(`${root} is no plugin: its package.json has no name`);
  if (oclif?.hooks === undefined && oclif?.commands === undefined) {
    throw new Error(
      `${name} is no plugin of naught: its package.json names no \`oclif.hooks\` and no \`oclif.commands\``,
    );
  }
  return { listed: { ...listed, name }, root, version, madeFor: peerDependencies?.naught2, hooks: oclif.hooks ?? {} };
}

/** A version before its release counts as that release: what is made for 2 is tried with 2.0.0-alpha. */
export function fits({ madeFor }: Pick<Found, 'madeFor'>, version: string): boolean {
  if (madeFor === undefined) return true;
  return [version, version.replace(/-.*/, '')].some((each) => satisfies(each, madeFor, { includePrerelease: true }));
}

/** As oclif loads it, for its commands. Throws an Error that names it. */
export async function loadCommands({ listed, root }: Found): Promise<Plugin> {
  const plugin = new Plugin({ name: listed.name, root, type: listed.type, errorOnManifestCreate: true });
  try {
    await plugin.load();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`the plugin ${listed.name} cannot be loaded: ${message}; ${remedyFor(listed.name)}`);
  }
  return plugin;
}

export const remedyFor = (name: string): string => `\`naught plugins uninstall ${name}\` removes it`;

function readPackage(root: string, name: string | undefined): PackageJson {
  try {
    return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? `there is no ${join(root, 'package.json')}` : message;
    throw new Error(
      name === undefined
        ? `${root} is no plugin: ${reason}`
        : `the plugin ${name} cannot be loaded: ${reason}; ${remedyFor(name)}`,
    );
  }
}
