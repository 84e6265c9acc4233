import { realpath, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { invalidParams } from '../../protocol/errors.ts';
import type { DeployParams } from '../../protocol/schemas.ts';
import { shortened } from '../../protocol/text.ts';
import type { ReleaseSpec } from '../start-config.ts';
import type { Release } from './machine/state.ts';

/** What a deploy with these parameters would make current, whole. Throws `invalid-params` when its script or cwd is not there. */
export async function nextRelease(current: Release, params: DeployParams): Promise<Release> {
  const { workerCount = 0, environment = {}, cwd = current.cwd, script = current.script } = params;
  return resolveRelease(current.number + 1, changed(current.environment, environment), {
    script: resolve(current.cwd, cwd, script),
    args: params.args ?? current.args,
    nodeArgs: params.nodeArgs ?? current.nodeArgs,
    cwd: resolve(current.cwd, cwd),
    workerCount: workerCount === 'auto' ? availableParallelism() : workerCount || current.workerCount,
  });
}

export async function resolveRelease(
  number: number,
  environment: Readonly<Record<string, string>>,
  spec: ReleaseSpec,
): Promise<Release> {
  const [script, cwd] = await Promise.all([resolveScript(spec.script), resolveCwd(spec.cwd)]);
  return { ...spec, number, environment: withOwnPwd(environment, cwd), resolved: { script, cwd } };
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
