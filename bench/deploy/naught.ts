import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Inspector } from '../logs/inspector.ts';
import { Daemon } from '../loss/daemon.ts';
import { freePort } from '../port.ts';

/** The built program, with the event loop of its supervisor watched from inside. */
export class Naught {
  static async start(workers: number, bootMs: number): Promise<Naught> {
    const dir = mkdtempSync(join(tmpdir(), 'naught-deploy-'));
    const inspectPort = await freePort();
    const environment = { BOOT_MS: String(bootMs), ...Inspector.environment('supervisor', inspectPort) };
    const server = { name: 'server', script: resolve('bench/deploy/server.cjs'), environment, kinds: [] };
    const daemon = await Daemon.start({ dir, node: process.execPath, server, workers });
    const inspector = await Inspector.attach(inspectPort);
    await inspector.evaluate(
      "globalThis.delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 }); delay.enable()",
    );
    return new Naught(dir, daemon, inspector);
  }

  private constructor(
    private readonly dir: string,
    private readonly daemon: Daemon,
    private readonly inspector: Inspector,
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
    await this.inspector.evaluate('delay.reset()');
    await this.daemon.deploy();
  }

  /** The longest time since the deploy began in which the supervisor's loop did nothing else, in milliseconds. */
  async longestBlock(): Promise<number> {
    return Number(await this.inspector.evaluate('delay.max')) / 1e6;
  }

  async end(): Promise<void> {
    this.inspector.close();
    await this.daemon[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
