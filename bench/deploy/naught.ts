import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Inspector } from '../logs/inspector.ts';
import { Daemon } from '../loss/daemon.ts';
import { freePort } from '../port.ts';

/** The built program. */
export class Naught {
  /** isWatched: the event loop of its supervisor is watched from inside, which costs CPU. */
  static async start(workers: number, bootMs: number, isWatched = false): Promise<Naught> {
    const dir = mkdtempSync(join(tmpdir(), 'naught-deploy-'));
    const inspectPort = await freePort();
    const watch = isWatched ? Inspector.environment('supervisor', inspectPort) : {};
    const environment = { BOOT_MS: String(bootMs), ...watch };
    const server = { name: 'server', script: resolve('bench/deploy/server.cjs'), environment, kinds: [] };
    const daemon = await Daemon.start({ dir, node: process.execPath, server, workers });
    const inspector = isWatched ? await Inspector.attach(inspectPort) : null;
    await inspector?.evaluate(
      "globalThis.delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 }); delay.enable()",
    );
    return new Naught(dir, daemon, inspector);
  }

  private constructor(
    private readonly dir: string,
    private readonly daemon: Daemon,
    private readonly inspector: Inspector | null,
  ) {}

  get port(): number {
    return (this.daemon.target as { port: number }).port;
  }

  get pid(): number {
    return this.daemon.pid;
  }

  async workers(): Promise<number[]> {
    return (await this.daemon.status()).workers.flatMap(({ pid }) => pid ?? []);
  }

  async deploy(): Promise<void> {
    await this.inspector?.evaluate('delay.reset()');
    await this.daemon.deploy();
  }

  /** The longest time since the deploy began in which the supervisor's loop did nothing else, in milliseconds. */
  async longestBlock(): Promise<number> {
    if (this.inspector === null) throw new Error('nobody has watched it');
    return Number(await this.inspector.evaluate('delay.max')) / 1e6;
  }

  async end(): Promise<void> {
    this.inspector?.close();
    await this.daemon[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
