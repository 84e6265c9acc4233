import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary, type TestWorker } from './support.ts';

/** Nobody tells when a grandchild exits, and it may be a zombie for seconds after that. */
const gone = async ({ pid }: TestWorker) => {
  while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
};

const runs = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self') || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

test.each(['nothing of its own', 'a handler'])(
  'finishes what is in flight when the daemon is killed (%s)',
  async (what) => {
    const primary = await Primary.start();
    const worker = await primary.serve('server.cjs', [
      { slow: 500, ...(what === 'a handler' && { handler: 'message' }) },
    ]);
    const client = await Connection.open(worker.port);
    client.get('/slow');
    const other = await Connection.open(worker.port);
    await other.request('/', 'ok');
    other.socket.end();
    await primary.die();
    expect(await client.until('slow')).toContain('200 OK');
    client.socket.end();
    await gone(worker);
    await primary.stop();
  },
);
