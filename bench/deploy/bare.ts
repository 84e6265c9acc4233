import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** Bare node:cluster, in a session of its own, as a daemon is: Linux shares out the CPU by session. */
export class Bare {
  readonly #primary: ChildProcess;

  constructor(
    readonly port: number,
    bootMs: number,
  ) {
    const env = { ...process.env, PORT: String(port), BOOT_MS: String(bootMs) };
    const primary = resolve('bench/deploy/primary.cjs');
    this.#primary = fork(primary, { env, detached: true, stdio: 'ignore', execArgv: [] });
  }

  get pid(): number {
    return this.#primary.pid as number;
  }

  /** Boots so many more, and returns the process ids of all its workers when the last of them listens. */
  async boot(workers: number, parallel: number): Promise<number[]> {
    this.#primary.send({ workers, parallel });
    const [pids] = await once(this.#primary, 'message');
    return pids;
  }

  async end(): Promise<void> {
    this.#primary.kill('SIGKILL');
    await once(this.#primary, 'exit');
  }
}
