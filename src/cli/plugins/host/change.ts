import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Listed, PluginList } from './list.ts';
import { type Found, fits, inspect, loadCommands } from './load.ts';
import { npm, specOf } from './npm.ts';

/** Where naught is: its folder and version. */
export interface Own {
  root: string;
  version: string;
}

/** Installs a package into the user's data folder, and lists it. Throws an Error when it cannot be a plugin of this naught. */
export async function install(list: PluginList, spec: string, own: Own): Promise<Found> {
  mkdirSync(list.folder, { recursive: true });
  const before = list.read().dependencies ?? {};
  npm(list.folder, 'install', specOf(spec));
  provideNaught(list.folder, own.root);
  const name = installedName(list, before, specOf(spec));
  try {
    const root = join(list.folder, 'node_modules', name);
    const found = await checked(inspect(root, { name, type: 'user', tag: spec }), own);
    list.add(found.listed);
    return found;
  } catch (error) {
    if (!list.plugins.some((plugin) => plugin.name === name)) {
      npm(list.folder, 'uninstall', name);
      list.remove(name);
    }
    throw error;
  }
}

/** Lists a folder that the user works on as a plugin. */
export async function link(list: PluginList, folder: string, own: Own): Promise<Found> {
  const root = resolve(folder);
  const found = inspect(root, { type: 'link', root });
  if (!resolves(root)) provideNaught(root, own.root);
  await checked(found, own);
  list.add(found.listed);
  return found;
}

export function uninstall(list: PluginList, name: string): Listed {
  const listed = listedAs(list, name);
  if (listed.type === 'user') npm(list.folder, 'uninstall', listed.name);
  list.remove(listed.name);
  return listed;
}

/** A listed plugin by its name, or by the folder that it was linked from. Throws when there is none. */
export function listedAs(list: PluginList, name: string): Listed {
  const { plugins } = list;
  const found = plugins.find((plugin) => plugin.name === name || plugin.root === resolve(name));
  if (found !== undefined) return found;
  const names = plugins.map((plugin) => plugin.name).join(', ');
  throw new Error(`no plugin \`${name}\` is installed${names === '' ? '' : `; these are: ${names}`}`);
}

/** Makes `naught2` what a plugin finds under that name: this naught. npm takes the link away at its next run. */
export function provideNaught(folder: string, root: string): void {
  const path = join(folder, 'node_modules', 'naught2');
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    if (readlinkSync(path) === root) return;
    rmSync(path);
  }
  if (existsSync(path)) return;
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(root, path);
}

async function checked(found: Found, { version }: Own): Promise<Found> {
  if (!fits(found, version)) {
    const { listed, madeFor } = found;
    throw new Error(
      `${listed.name} ${found.version} is made for naught2 ${madeFor}, and this is ${version}: it is not installed`,
    );
  }
  await loadCommands(found);
  return found;
}

function resolves(root: string): boolean {
  try {
    createRequire(join(root, 'package.json')).resolve('naught2/package.json');
    return true;
  } catch {
    return false;
  }
}

/** Which dependency npm has added or changed; the one of that name or file when it had been there already. */
function installedName(list: PluginList, before: Record<string, string>, spec: string): string {
  const after = Object.entries(list.read().dependencies ?? {});
  const changed = after.find(([name, value]) => before[name] !== value);
  const same = after.find(
    ([name, value]) =>
      spec === name || spec.startsWith(`${name}@`) || resolve(list.folder, value.replace(/^file:/, '')) === spec,
  );
  const [name] = changed ?? same ?? [];
  if (name === undefined) throw new Error(`npm has installed ${spec}, and does not say by what name`);
  return name;
}
