import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CallError, invalidParams } from '../../../protocol/errors.ts';
import { mostWorkers } from '../../../protocol/limits.ts';
import type { ScaleParams } from '../../../protocol/release-schemas.ts';
import type { DeployParams } from '../../../protocol/rollout-schemas.ts';
import { shortened } from '../../../protocol/text.ts';
import { usableCpus } from '../../../protocol/usable-cpus.ts';
import type { ReleaseSpec } from '../../start-config.ts';
import type { Release } from '../machine/state.ts';

/** What can be run: a release without its number, which it gets when its deploy begins. */
export type Runnable = Omit<Release, 'number'>;

/** What people and programs are shown of it. Never its environment, which may hold secrets. */
export function shownOf({ script, cwd, args, nodeArgs, workerCount, resolved }: Runnable) {
  return {
    script,
    resolvedScript: resolved.script,
    cwd,
    resolvedCwd: resolved.cwd,
    args,
    nodeArgs,
    workerCount,
  };
}

/** What a deploy with these parameters would make current, whole. Throws `invalid-params` when its script or cwd is not there. */
export async function nextRelease(current: Release, params: DeployParams): Promise<Runnable> {
  const {
    workerCount,
    environment = {},
    cleanEnvironment = false,
    cwd = current.cwd,
    script = current.script,
  } = params;
  return resolveRelease(changed(cleanEnvironment ? {} : current.environment, environment), {
    script: resolve(current.cwd, cwd, script),
    args: params.args ?? current.args,
    nodeArgs: params.nodeArgs ?? current.nodeArgs,
    cwd: resolve(current.cwd, cwd),
    workerCount: countOf(workerCount, current.workerCount),
  });
}

export async function resolveRelease(
  environment: Readonly<Record<string, string>>,
  spec: ReleaseSpec,
): Promise<Runnable> {
  const [script, cwd] = await Promise.all([resolveScript(spec.script), resolveCwd(spec.cwd)]);
  return { ...spec, environment: withOwnPwd(environment, cwd), resolved: { script, cwd } };
}

/** What `wanted` comes to: a count, `auto`, so many more (`+2`) or less (`-2`), or a share of the current one (`150%`), rounded. */
export function scaledCount(current: number, wanted: ScaleParams['workerCount']): number {
  const count =
    typeof wanted === 'string' && wanted !== 'auto' ? relativeCount(current, wanted) : countOf(wanted, current);
  if (count >= 1 && count <= mostWorkers) return count;
  const message = `must leave 1 to ${mostWorkers} workers: ${wanted} of ${current} would be ${count}`;
  throw invalidParams({ field: 'workerCount', message });
}

function relativeCount(current: number, wanted: string): number {
  return wanted.endsWith('%') ? Math.round((current * Number.parseInt(wanted, 10)) / 100) : current + Number(wanted);
}

/** `same`: what 0 stands for. */
export function countOf(workerCount: number | 'auto' | undefined, same: number): number {
  return workerCount === 'auto' ? usableCpus() : workerCount || same;
}

/**
 * The same once more: what its script and folder led to when it was deployed, not what they lead to now. Throws `release-gone` when one
 * of them is not there any more.
 */
export async function again(release: Release): Promise<Runnable> {
  const { number, resolved } = release;
  const gone = (what: string) => () => {
    throw new CallError('release-gone', `release ${number} cannot be run any more: its ${what}`);
  };
  await resolveCwd(resolved.cwd).catch(gone(`folder is gone: ${shortened(resolved.cwd)}`));
  await resolveScript(resolved.script).catch(gone(`script is gone: ${shortened(resolved.script)}`));
  return release;
}

function changed(
  environment: Release['environment'],
  changes: NonNullable<DeployParams['environment']>,
): Record<string, string> {
  const entries = Object.entries({ ...environment, ...changes });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

/**
 * PWD is the directory of whoever ran the command, or a link to it that leads elsewhere by the next deploy: a program that goes by it
 * would read another release's files. It is what the worker's process.cwd() says. Who has none gets none.
 */
function withOwnPwd(environment: Release['environment'], cwd: string): Release['environment'] {
  return environment.PWD === undefined ? environment : { ...environment, PWD: cwd };
}

/** As node finds its main script: the file itself, the same with .js, or a folder with an index or a package.json. */
async function resolveScript(script: string): Promise<string> {
  for (const candidate of [script, `${script}.js`]) {
    try {
      return await realpath(candidate);
    } catch {}
  }
  throw invalidParams({ field: 'script', message: `is not there: ${shortened(script)}` });
}

async function resolveCwd(cwd: string): Promise<string> {
  try {
    const path = await realpath(cwd);
    if ((await stat(path)).isDirectory()) return path;
  } catch {}
  throw invalidParams({ field: 'cwd', message: `is no folder: ${shortened(cwd)}` });
}
