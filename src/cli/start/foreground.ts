import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { StartConfig } from '../../daemon/start-config.ts';
import { CallError, type WireError } from '../../protocol/errors.ts';
import { readerVariable } from '../input/argv.ts';
import { errorText } from '../output/messages.ts';
import { supervisorPath } from '../package.ts';
import { closeInherited } from './inherited.ts';
import { ownEnvironment } from './own-environment.ts';

/**
 * `start --daemon-mode false`: the supervisor has to be the very process that the user or a service manager started, and it must
 * not load any package. So a second process reads the command line with oclif and passes back what it understood.
 */

const fd = 3;

/** In the first process: has the command line read, then becomes the supervisor; ends as the reader ended when it refused. */
export async function runInForeground(argv: readonly string[]): Promise<void> {
  closeInherited();
  const own = ownEnvironment();
  const reader = spawnSync(process.execPath, ['--', process.argv[1]!, ...argv], {
    env: { ...own, [readerVariable]: String(fd) },
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  if (reader.error !== undefined) throw reader.error;
  const answer = reader.output[fd]?.toString() ?? '';
  if (reader.status !== 0 || answer === '') {
    process.exitCode = reader.status ?? 128 + constants.signals[reader.signal ?? 'SIGTERM'];
    return;
  }
  const read = JSON.parse(answer) as Read;
  const config = { ...read.config, environment: { ...process.env } as Record<string, string> };
  // The path is computed, so that the bundler leaves the supervisor in its own file.
  const supervisor = (await import(pathToFileURL(supervisorPath()).href)) as Supervisor;
  await supervisor.run(config, { env: own, onFailure: (error) => show(error, read) });
}

/** In the second process: passes on what the command line said. */
export function handOver(read: Read): void {
  writeSync(Number(process.env[readerVariable]), JSON.stringify(read));
}

/** What the command line says. */
interface Read {
  config: StartConfig;
  json: boolean;
  /** The workers' stderr as it was given. */
  stderrLog: string;
}

interface Supervisor {
  run(config: StartConfig, how: { env: NodeJS.ProcessEnv; onFailure: (error: WireError) => void }): Promise<void>;
}

/** As the command shows it when it starts a daemon. At once: the process is about to end. */
function show(error: WireError, { config, json, stderrLog }: Read): void {
  const text = json ? JSON.stringify({ error }) : failureText(CallError.fromWire(error), config, stderrLog);
  try {
    writeSync(json ? 1 : 2, `${text}\n`);
  } catch {
    // Nobody reads it any more.
  }
}

/** Without the failed worker's last lines where they have been written to the command's own stream already. */
function failureText(error: CallError, { logs }: StartConfig, stderrLog: string): string {
  const seen = error.kind === 'boot-failed' && (logs.stderr === '-' || logs.daemon === '-');
  const [reason = ''] = error.message.split(':\n', 1);
  return errorText(
    seen ? new CallError(error.kind, reason, error.detail) : error,
    stderrLog === '-' ? 'stderr' : stderrLog,
  );
}
