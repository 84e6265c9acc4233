import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The built program. */
export const repository = join(import.meta.dirname, '..', '..', '..');
const builtCli = join(repository, 'dist', 'cli', 'main.js');

export interface Ended {
  stdout: string;
  stderr: string;
  exit: number | string | null;
}

export interface RunOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Another installation's main.js. */
  main?: string;
  /** Where stdout goes instead: then none is collected. */
  stdout?: number;
}

/** Runs `naught` to its end. */
export const naught = (args: string[], options: RunOptions): Promise<Ended> => begin(args, options).ended;

/** Begins to run `naught`, for tests that act on it meanwhile. It is killed with the test. */
export function begin(args: string[], { cwd, env = {}, main = builtCli, stdout }: RunOptions) {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env.PATH, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, HOME: cwd, ...env },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ...output, exit: code ?? signal }));
  });
  return { child, ended, said: (text: string) => said(child, output, text) };
}

/** Resolves when the text has appeared on stderr. */
function said(child: ChildProcess, output: { stderr: string }, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (output.stderr.includes(text)) resolve();
    };
    child.stderr?.on('data', look);
    child.once('close', () => reject(new Error(`ended without saying ${text}: ${output.stderr}`)));
    look();
  });
}
