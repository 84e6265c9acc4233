import { type ChildProcess, fork } from 'node:child_process';
import cluster, { type ClusterSettings, type Worker } from 'node:cluster';
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HeldProgram } from './held-program.ts';
import { withReserve } from './reserve.ts';

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

const control = new HeldProgram(fileURLToPath(new URL('./control.js', import.meta.url)), 'control.mjs');
/** Node runs it in a worker before the application; its name tells it that it is meant. */
const preload = new HeldProgram(fileURLToPath(new URL('../worker/preload.cjs', import.meta.url)), 'preload.cjs');

/** Where copies of them may be. */
export const copies: string[] = [control, preload].flatMap((program) => program.copies);

/** In a flood of log lines young garbage would otherwise fill 48 MB before it is looked at (MB; measured: 188 MB in all, 140 with this). */
const execArgv = ['--max-semi-space-size=2'];

/** The binary that this process was started from. */
const installed = process.execPath;
/** Leads to the binary that runs, also when a version manager or an upgrade has removed it. */
const running = '/proc/self/exe';

export const system: System = {
  forkWorker(settings, environment) {
    chooseBinary();
    const execArgv = ['--require', preload.path(), ...(settings.execArgv ?? [])];
    cluster.setupPrimary({ ...settings, execArgv });
    const worker = withReserve(() => cluster.fork(environment));
    for (const program of [control, preload]) program.hold();
    return worker;
  },
  forkControl({ foreground, env }) {
    chooseBinary();
    const stdio = ['ignore', foreground ? 'inherit' : 'ignore', foreground ? 'inherit' : 'pipe', 'ipc'] as const;
    return withReserve(() => fork(control.path(), { execArgv, env, cwd: '/', stdio: [...stdio] }));
  },
};

/** What fork() starts: what is installed now at the path, and the binary that runs where there is none. */
function chooseBinary(): void {
  process.execPath = canUse(installed, constants.X_OK) || !canUse(running, constants.X_OK) ? installed : running;
}

/**
 * Why a process could not be started, with what was tried: the system says ENOENT both of a program and of a folder that is not there.
 */
export function startError(error: unknown, cwd: string): string {
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  const tried = `${message.includes(process.execPath) ? message : `${message} ${process.execPath}`} in ${cwd}`;
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') return tried;
  const culprit = canUse(`${cwd}/.`, constants.X_OK) ? 'the program' : 'the working directory';
  return `${tried}: ${culprit} ${code === 'EACCES' ? 'may not be used' : 'is not there'}`;
}

function canUse(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
