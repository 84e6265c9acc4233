import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../port.ts';

const run = promisify(execFile);

/** pm2 in cluster mode, with a home of its own. It is no dependency of this project: it is installed for the run alone. */
export class Pm2 {
  /** Installs it. */
  static async prepare(bootMs: number): Promise<Pm2> {
    const dir = mkdtempSync(join(tmpdir(), 'naught-pm2-'));
    await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', dir, 'pm2@7'], { cwd: dir });
    return new Pm2(dir, await freePort(), bootMs);
  }

  private constructor(
    private readonly dir: string,
    readonly port: number,
    private readonly bootMs: number,
  ) {}

  async start(workers: number): Promise<void> {
    await this.#say('start', resolve('bench/deploy/server.cjs'), '--instances', String(workers), '--name', 'server');
  }

  async deploy(): Promise<void> {
    await this.#say('reload', 'server');
  }

  async end(): Promise<void> {
    await this.#say('kill');
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #say(...args: string[]): Promise<void> {
    const env = {
      ...process.env,
      PM2_HOME: join(this.dir, 'home'),
      PORT: String(this.port),
      BOOT_MS: String(this.bootMs),
    };
    await run(process.execPath, [join(this.dir, 'node_modules/pm2/bin/pm2'), ...args], { cwd: this.dir, env });
  }
}
