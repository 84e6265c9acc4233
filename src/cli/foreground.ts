import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { StartConfig } from '../daemon/config.ts';
import { readerVariable } from './argv.ts';
import { supervisorPath } from './package.ts';

/**
 * `start --daemon-mode false`: the supervisor has to be the very process that the user or a service manager started, and it must
 * not load any package. So a second process reads the command line with oclif and passes back what it understood.
 */

const fd = 3;

/** In the first process: has the command line read, then becomes the supervisor; ends as the reader ended when it refused. */
export async function runInForeground(argv: readonly string[]): Promise<void> {
  const reader = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    env: { ...process.env, [readerVariable]: String(fd) },
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  if (reader.error !== undefined) throw reader.error;
  const config = reader.output[fd]?.toString() ?? '';
  if (reader.status !== 0 || config === '') {
    process.exitCode = reader.status ?? 128 + constants.signals[reader.signal ?? 'SIGTERM'];
    return;
  }
  // The path is computed, so that the bundler leaves the supervisor in its own file.
  const supervisor = (await import(pathToFileURL(supervisorPath()).href)) as Supervisor;
  await supervisor.run(JSON.parse(config) as StartConfig);
}

/** In the second process: passes on what the command line said. */
export function handOver(config: StartConfig): void {
  writeSync(Number(process.env[readerVariable]), JSON.stringify(config));
}

interface Supervisor {
  run(config: StartConfig): Promise<void>;
}
