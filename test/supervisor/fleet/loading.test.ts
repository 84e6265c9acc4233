import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { Loading } from '../../../src/daemon/supervisor/fleet/loading.ts';

const children: ChildProcess[] = [];
const rested: number[] = [];
/** Uses the CPU until it is told to stop. */
const burner = `
  let next;
  const burn = () => {
    const end = Date.now() + 20;
    while (Date.now() < end);
    next = setImmediate(burn);
  };
  burn();
  process.stdin.on('data', () => clearImmediate(next));
  console.log('burns')`;

let onRest: (() => void) | null = null;
const loading = new Loading((worker) => {
  rested.push(worker);
  onRest?.();
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rested.length = 0;
});

const rest = () =>
  new Promise<void>((done) => {
    onRest = done;
  });

async function burning(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', burner], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child as typeof child & { pid: number };
}

it.runIf(process.platform === 'linux')('tells who waits for something, and not before', async () => {
  const [first, second] = [await burning(), await burning()];
  loading.watch(1, first.pid);
  loading.watch(2, second.pid);
  let rests = rest();
  second.stdin?.write('rest');
  await rests;
  expect(rested).toEqual([2]);
  rests = rest();
  first.stdin?.write('rest');
  await rests;
  expect(rested).toEqual([2, 1]);
});

it('takes a third of a second for it where the system does not say', async () => {
  const began = performance.now();
  // No process has such a number.
  loading.watch(1, 2 ** 30);
  await rest();
  expect(performance.now() - began).toBeGreaterThan(290);
});

it('tells nothing of one that is of no interest any more', async () => {
  loading.watch(1, 2 ** 30);
  loading.watch(2, 2 ** 30);
  loading.forget(1);
  await rest();
  expect(rested).toEqual([2]);
});
