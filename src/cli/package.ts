import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package.json of naught, as much of it as the command reads. */
export interface PackageJson {
  name: string;
  version: string;
  [key: string]: unknown;
}

/**
 * The directory of the installed package, and its package.json. It is looked for upwards from this code: a bundler puts that
 * into files of various depths, so that no path relative to this file can be relied upon.
 */
export function findPackage(): { root: string; packageJson: PackageJson } {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    const packageJson = readPackage(join(directory, 'package.json'));
    if (packageJson?.name === 'naught2') return { root: directory, packageJson };
    if (directory === dirname(directory)) throw new Error('naught cannot find its own package.json: install it again');
  }
}

/** The program that runs the workers. */
export const supervisorPath = (): string => join(findPackage().root, 'dist', 'daemon', 'supervisor.js');

function readPackage(path: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
