import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Load, request } from './clients.ts';
import { folder, Primary } from './primary.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe.each(['rr', 'none'] as const)('under %s', (scheduling) => {
  it('listens on an abstract socket, which has no directory', async () => {
    const primary = new Primary({ scheduling });
    const path = `\0naught-${scheduling}-${process.pid}`;
    const first = await primary.fork({ path });
    expect(await request({ path })).toEqual({ outcome: 'ok', text: String(first.pid) });
    await primary.kill(first);
    const second = await primary.fork({ path });
    expect(await request({ path })).toEqual({ outcome: 'ok', text: String(second.pid) });
    expect((await primary.list()).map(({ name }) => name)).toEqual([path.replace('\0', '@')]);
  });

  it("takes a relative path from the worker's directory", async () => {
    const primary = new Primary({ scheduling });
    const listen = [{ path: `${scheduling}.sock` }];
    const path = (version: string) => join(folder, version, `${scheduling}.sock`);
    for (const cwd of ['v1', 'v2']) mkdirSync(join(folder, cwd), { recursive: true });
    const first = await primary.forkWith({ listen, cwd: 'v1' });
    expect(await request({ path: path('v1') })).toEqual({ outcome: 'ok', text: String(first.pid) });
    await primary.call({ do: 'mark' });
    const second = await primary.forkWith({ listen, cwd: 'v2' });
    await primary.shutdown(first);
    await primary.call({ do: 'releaseUnused' });
    expect(await request({ path: path('v2') })).toEqual({ outcome: 'ok', text: String(second.pid) });
    expect(existsSync(path('v1'))).toBe(false);
  });

  it('binds a path that is longer than an address may be, and removes it', async () => {
    const primary = new Primary({ scheduling });
    const deep = join(folder, scheduling, 'deep'.repeat(20), 'deeper'.repeat(20));
    mkdirSync(deep, { recursive: true });
    const path = join(deep, 'app.sock');
    const fd = openSync(deep, 'r');
    onTestFinished(() => closeSync(fd));
    const listen = [{ path: 'app.sock', writableAll: true }];
    const worker = await primary.forkWith({ listen, cwd: deep });
    expect(await request({ path: `/proc/self/fd/${fd}/app.sock` })).toEqual({
      outcome: 'ok',
      text: String(worker.pid),
    });
    expect((await primary.list()).map(({ name }) => name)).toEqual([path]);
    await primary.kill(worker);
    rmSync(path);
    const next = await primary.forkWith({ listen, cwd: deep });
    expect(await request({ path: `/proc/self/fd/${fd}/app.sock` })).toEqual({ outcome: 'ok', text: String(next.pid) });
    if (scheduling === 'rr') expect(modeOf(path) & 0o222).toBe(0o222);
    await primary.call({ do: 'closeAll' });
    expect(existsSync(path)).toBe(false);
  });

  it.each([0o000, 0o007, 0o077])("gives a path the mode that the worker's umask of %d leaves", async (umask) => {
    const primary = new Primary({ scheduling });
    const path = join(folder, `umask-${scheduling}-${umask}.sock`);
    await primary.forkWith({ listen: [{ path }], umask });
    expect(modeOf(path)).toBe(0o777 & ~umask);
  });

  it('gives a held path the mode of the next worker, if that has another umask', async () => {
    const primary = new Primary({ scheduling });
    const path = join(folder, `next-umask-${scheduling}.sock`);
    const first = await primary.forkWith({ listen: [{ path }], umask: 0o022 });
    await primary.forkWith({ listen: [{ path, readableAll: true }], umask: 0o077 });
    expect(modeOf(path)).toBe(0o744);
    await primary.shutdown(first);
    expect(modeOf(path)).toBe(0o744);
  });

  it('leaves the mode that a worker has set, also when others with the same umask come', async () => {
    const primary = new Primary({ scheduling });
    const path = join(folder, `chmod-${scheduling}.sock`);
    await primary.kill(await primary.forkWith({ listen: [{ path }], chmod: { path, mode: 0o606 } }));
    expect(modeOf(path)).toBe(0o606);
    await primary.fork({ path });
    expect(modeOf(path)).toBe(0o606);
  });
});

it('keeps the mode that a worker has set when the next one removes the file before it listens', async () => {
  const primary = new Primary();
  const path = join(folder, 'chmod-unlink.sock');
  await primary.forkWith({ listen: [{ path }], chmod: { path, mode: 0o606 } });
  await primary.forkWith({ listen: [{ path }], unlink: path });
  expect(modeOf(path)).toBe(0o606);
  expect(await request({ path })).toMatchObject({ outcome: 'ok' });
});

it('makes the path again, while workers listen, when an old one removes it as it leaves', async () => {
  const primary = new Primary();
  const path = join(folder, 'unlink-last.sock');
  const worker = await primary.forkWith({ listen: [{ path }], chmod: { path, mode: 0o606 } });
  const load = new Load([{ path }], 2);
  await load.answers(20);
  rmSync(path);
  await load.answers(20);
  // Whoever comes in the moment between finds no file; whoever had come before is answered.
  expect(await load.stop()).toMatchObject({ reset: 0, empty: 0, hung: 0 });
  expect(await request({ path })).toEqual({ outcome: 'ok', text: String(worker.pid) });
  expect(modeOf(path)).toBe(0o606);
});
