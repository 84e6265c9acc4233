import { CallError } from '../../protocol/errors.ts';
import type { Supervisor } from './supervisor.ts';

/** As in 1.x: SIGHUP deploys with the release's own environment, SIGTERM and SIGINT stop; SIGUSR2 reopens the logs. What goes wrong is logged. */
export function listenToSignals(supervisor: Supervisor): void {
  process.on('SIGHUP', () => void deploy(supervisor));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void supervisor.stop(null));
  process.on('SIGUSR2', () => supervisor.reopenLogs());
  process.on('uncaughtException', (error) => supervisor.failed(error));
  process.on('unhandledRejection', (reason) => supervisor.failed(reason));
}

async function deploy(supervisor: Supervisor): Promise<void> {
  try {
    const reply = await supervisor.deploy({});
    if ('refused' in reply) supervisor.note('warn', `SIGHUP: ${reply.refused.message}`);
  } catch (error) {
    supervisor.note('error', `SIGHUP: ${CallError.from(error).message}`);
  }
}
