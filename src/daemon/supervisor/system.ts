import { type ChildProcess, fork } from 'node:child_process';
import cluster, { type ClusterSettings, type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';

/** What the supervisor asks of the operating system, so that a test can put processes of its own in the place of real ones. */
export interface System {
  /** Throws when the process cannot be started, or it has no pid, and an 'error' event tells why. */
  forkWorker(settings: ClusterSettings, environment: NodeJS.ProcessEnv): Worker;
  /** As `forkWorker`. Control does nothing before it is attached. */
  forkControl(options: ControlOptions): ChildProcess;
}

export interface ControlOptions {
  foreground: boolean;
  env: NodeJS.ProcessEnv;
}

const control = fileURLToPath(new URL('./control.js', import.meta.url));

/** In a flood of log lines young garbage would otherwise fill 48 MB before it is looked at (MB; measured: 188 MB in all, 140 with this). */
const execArgv = ['--max-semi-space-size=2'];

export const system: System = {
  forkWorker(settings, environment) {
    cluster.setupPrimary(settings);
    return cluster.fork(environment);
  },
  forkControl({ foreground, env }) {
    const stdio = ['ignore', foreground ? 'inherit' : 'ignore', foreground ? 'inherit' : 'pipe', 'ipc'] as const;
    return fork(control, { execArgv, env, cwd: '/', stdio: [...stdio] });
  },
};
