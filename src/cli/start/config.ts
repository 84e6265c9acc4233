import { realpathSync } from 'node:fs';
import { devNull } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { StartConfig } from '../../daemon/start-config.ts';
import { ipcPath } from '../daemon.ts';
import { scriptPath } from '../input/files.ts';
import { tell, type Values } from '../input/option.ts';
import { startOptions } from '../input/options.ts';
import { UsageError } from '../input/usage-error.ts';

/** What the supervisor is told. Throws when a path cannot be used. */
export function startConfig(
  version: string,
  options: Values<typeof startOptions>,
  script: string,
  args: string[],
): StartConfig {
  const told = tell(startOptions, options);
  const config: StartConfig = {
    ...told,
    version,
    ipcFile: ipcPath(told.ipcName),
    environment: { ...process.env } as Record<string, string>,
    strategy: told.strategy ?? {},
    release: { ...told.release, script: scriptPath(script), args },
  };
  refuseSharedPaths(config);
  refuseWithoutHealth(config);
  return config;
}

/** Only the logs may share a path, and only with each other: every other pair would overwrite one another. */
function refuseSharedPaths({ ipcFile, pidFile, logs, release }: StartConfig): void {
  const log = Object.entries({ '--log': logs.daemon, '--stdout': logs.stdout, '--stderr': logs.stderr });
  const others = Object.entries({ '--ipc-file': ipcFile, '--pid-file': pidFile, 'the script': release.script });
  for (const [index, [name, path]] of others.entries()) {
    if (path === devNull) continue;
    const same = [...others.slice(index + 1), ...log].find(([, other]) => realPath(other) === realPath(path));
    if (same) throw new UsageError(`${name} and ${same[0]} are the same file: ${path}`);
  }
}

function refuseWithoutHealth({ strategy: { health, healthTimeout, healthEvery } }: StartConfig): void {
  if (health != null) return;
  if (healthTimeout !== undefined) throw new UsageError('--health-timeout needs --health');
  if (healthEvery != null) throw new UsageError('--health-every needs --health');
}

/** A file that is not there yet is where its folder is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
  }
}
