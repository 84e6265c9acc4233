import { CallError } from '../../protocol/errors.ts';
import type { Supervisor } from './supervisor.ts';

/** How long workers get when Ctrl-C is pressed again, in seconds: as `stop --timeout 1`, 1.x's advice for one that hangs. */
const impatient = 1;

const pressAgain = 'stopping; Ctrl-C again kills the workers that have not left 1 s later\n';

/**
 * As in 1.x: SIGHUP deploys with the release's own environment, SIGTERM and SIGINT stop; SIGUSR2 reopens the logs. What goes wrong
 * is logged. A second SIGINT is a person who waits no longer; a second SIGTERM may be a service manager's habit.
 */
export function listenToSignals(supervisor: Supervisor, { foreground }: { foreground: boolean }): void {
  process.on('SIGHUP', () => void deploy(supervisor));
  process.on('SIGTERM', () => void supervisor.methods.stop({}));
  process.once('SIGINT', () => {
    process.on('SIGINT', () => void supervisor.methods.stop({ timeout: impatient }));
    if (foreground && process.stderr.isTTY) process.stderr.write(pressAgain);
    void supervisor.methods.stop({});
  });
  // Recipes of logrotate that were written for other servers send the first.
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => supervisor.reopenLogs());
  process.on('uncaughtException', (error) => supervisor.failed(error));
  process.on('unhandledRejection', (reason) => supervisor.failed(reason));
}

async function deploy(supervisor: Supervisor): Promise<void> {
  try {
    await supervisor.methods.deploy({});
  } catch (error) {
    supervisor.note('warn', `SIGHUP: ${CallError.from(error).message}`);
  }
}
