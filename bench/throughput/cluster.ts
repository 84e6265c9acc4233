import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../port.ts';

/** Ended when it is disposed of. */
export interface Cluster extends Disposable {
  port: number;
  workers: number[];
}

/** Two workers under bare node:cluster, in a session of their own, as a daemon is: Linux shares out the CPU by session. */
export async function bareCluster(dir: string, script: string): Promise<Cluster> {
  const primary = join(dir, 'primary.cjs');
  writeFileSync(
    primary,
    `const cluster = require('node:cluster');
cluster.setupPrimary({ exec: ${JSON.stringify(script)} });
let listening = 0;
cluster.on('listening', () => ++listening === 2 && process.send(Object.values(cluster.workers).map((w) => w.process.pid)));
for (let worker = 0; worker < 2; worker++) cluster.fork();\n`,
  );
  const port = await freePort();
  const env = { ...process.env, PORT: String(port) };
  const child = fork(primary, { env, detached: true, stdio: 'ignore', execArgv: [] });
  const [workers] = await once(child, 'message');
  return { port, workers, [Symbol.dispose]: () => void child.kill() };
}
