import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, afterEach } from 'vitest';
import type { HeldAddress } from '../../../src/daemon/supervisor/sockets/index.ts';
import type { Command, WorkerOptions } from '../../fixtures/sockets/primary.ts';

export interface ForkedWorker {
  pid: number;
  addresses: (AddressInfo & { error?: string })[];
  heir?: number;
}

/** A folder of this test file's own: the built fixtures, and Unix sockets. */
export const folder = mkdtempSync(join(tmpdir(), 'naught-sockets-'));
const source = (name: string) => fileURLToPath(new URL(`../../fixtures/sockets/${name}.ts`, import.meta.url));
buildSync({
  entryPoints: [source('primary'), source('worker')],
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
});
const running = new Set<Primary>();
afterEach(async () => {
  for (const primary of running) await primary.end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export interface PrimaryOptions {
  scheduling?: 'rr' | 'none';
  hold?: boolean;
  /** Becomes file descriptor 4 of the primary. */
  fd?: number;
}

/** A cluster primary in a process of its own. */
export class Primary {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #id = 0;
  errors = '';

  constructor({ scheduling = 'rr', hold = true, fd }: PrimaryOptions = {}) {
    const stdio = ['ignore', 'inherit', 'pipe', 'ipc', ...(fd === undefined ? [] : [fd])] as const;
    this.#child = fork(join(folder, 'primary.mjs'), {
      execArgv: [],
      cwd: folder,
      stdio: [...stdio],
      env: { ...process.env, SCHEDULING: scheduling, HOLD: hold ? '1' : '0' },
    });
    running.add(this);
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.errors += text;
    });
    this.#child.on('message', ({ id, result, error }: { id: number; result: unknown; error?: string }) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(error));
    });
    this.#child.once('exit', (code, signal) => {
      for (const call of this.#calls.values())
        call.reject(new Error(`primary ended (${code ?? signal}): ${this.errors}`));
    });
  }

  call<T>(command: Command): Promise<T> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#child.send({ id, command }, (error) => error && reject(error));
    });
  }

  fork(...listen: WorkerOptions['listen']): Promise<ForkedWorker> {
    return this.forkWith({ listen });
  }

  forkWith(options: WorkerOptions): Promise<ForkedWorker> {
    return this.call({ do: 'fork', options });
  }

  /** Another process holds the worker's IPC channel: its death is known before the end of the channel. */
  forkWithHeir(...listen: WorkerOptions['listen']): Promise<Required<ForkedWorker>> {
    return this.call({ do: 'fork', options: { listen, heir: true } });
  }

  list(): Promise<HeldAddress[]> {
    return this.call({ do: 'list' });
  }

  /** Resolves when this many accepted connections wait for a worker. */
  async waiting(count: number): Promise<void> {
    while ((await this.list()).reduce((sum, address) => sum + address.waiting, 0) < count);
  }

  kill(worker: ForkedWorker): Promise<void> {
    return this.call({ do: 'kill', pid: worker.pid });
  }

  shutdown(worker: ForkedWorker): Promise<void> {
    return this.call({ do: 'shutdown', pid: worker.pid });
  }

  async end(): Promise<void> {
    running.delete(this);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }
}
