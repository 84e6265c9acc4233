import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Found, remedyFor } from './load.ts';

/** A hook was not done in the time that it has. */
export class TooLate extends Error {}

type Hook = (this: object, options: object) => unknown;

/**
 * Runs the hooks of that name which a plugin has, one after the other. Throws what they throw, and TooLate after `ms`. It is oclif's
 * format: a file or several, each with its default export or the one that is named.
 */
export async function runHooks(plugin: Found, name: string, options: object, ms: number): Promise<void> {
  for (const entry of [plugin.hooks[name] ?? []].flat()) {
    const { target, identifier = 'default' } = typeof entry === 'string' ? { target: entry } : (entry as Target);
    await within(
      ms,
      load(plugin.root, target, identifier).then((hook) => hook.call(context, options)),
    );
  }
}

interface Target {
  target: string;
  identifier?: string;
}

/** As oclif's own hooks may use it: an error with an exit code is one that is meant. */
const context = {
  error(message: string | Error, { exit = 2 }: { exit?: number } = {}): never {
    throw Object.assign(new Error(message instanceof Error ? message.message : message), { oclif: { exit } });
  },
  exit(code = 0): never {
    throw Object.assign(new Error(`exit ${code}`), { oclif: { exit: code } });
  },
};

async function load(root: string, target: string, identifier: string): Promise<Hook> {
  const file = createRequire(join(root, 'package.json')).resolve(join(root, target));
  const module = await import(pathToFileURL(file).href);
  const hook = module[identifier]?.default ?? module[identifier] ?? module.default?.[identifier];
  if (typeof hook !== 'function') throw new Error(`${target} exports no function \`${identifier}\``);
  return hook;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate(`it was not done within ${ms / 1000} s`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is said of a hook that failed; without a name, of what it has left to run. */
export const hookFailure = (plugin: string, name: string, error: unknown): string =>
  `the plugin ${plugin} failed${name && ` in its hook ${name}`}: ${error instanceof Error ? error.message : String(error)}; ${remedyFor(plugin)}`;
