import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { allOf, archives, eventually, faults, openIn, temporaryFolder } from './helpers.ts';

const fixture = path.join(import.meta.dirname, 'fixtures', 'writer.ts');

/** The fixture as it is published: one bundled file. */
async function bundle(folder: string): Promise<string> {
  const outfile = path.join(folder, 'writer.mjs');
  const js =
    "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";
  await build({ entryPoints: [fixture], outfile, bundle: true, platform: 'node', format: 'esm', banner: { js } });
  return outfile;
}

function start(program: string, args: (string | number)[]): ChildProcess & { errors: () => string } {
  const child = spawn(process.execPath, [program, ...args.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr?.on('data', (data) => {
    errors += data;
  });
  return Object.assign(child, { errors: () => errors });
}

test('two processes that write and rotate one log lose, double and tear no line', async () => {
  const program = await bundle(temporaryFolder());
  const folder = temporaryFolder();
  const lines = 10_000;
  const writers = ['p0', 'p1'].map((name) => start(program, [folder, name, lines, 20_000, 90]));
  await Promise.all(writers.map((writer) => once(writer, 'close')));
  expect(writers.map((writer) => [writer.exitCode, writer.errors()])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  expect(archives(folder).length).toBeGreaterThan(20);
  expect(faults(allOf(folder), ['p0', 'p1'], lines, 90)).toEqual([]);
});

/** A process that is killed within a rotation leaves the current log two names, until the next rotation. */
function removeSecondName(folder: string): void {
  const { ino } = fs.statSync(path.join(folder, 'stdout.log'));
  for (const file of archives(folder).map((name) => path.join(folder, name))) {
    if (fs.statSync(file, { throwIfNoEntry: false })?.ino === ino) fs.unlinkSync(file);
  }
}

test('a process killed again and again loses at most what it had read and not written', async () => {
  const program = await bundle(temporaryFolder());
  const folder = temporaryFolder();
  const runs = ['k0', 'k1', 'k2'];
  for (const name of runs) {
    const former = archives(folder).length;
    const writer = start(program, [folder, name, 10_000_000, 20_000, 90]);
    await eventually(() => expect(archives(folder).length).toBeGreaterThan(former + 10));
    writer.kill('SIGKILL');
    await once(writer, 'close');
  }
  const logs = await openIn(folder, { maxSize: 20_000 });
  removeSecondName(folder);
  await eventually(() => expect(fs.readdirSync(folder).filter((file) => /\dZ\.log$|part$/.test(file))).toEqual([]));
  await logs.close(1000);
  const lines = allOf(folder).toString().trimEnd().split('\n');
  const whole = lines.filter((line) => /^k\d \d+ x{90}$/.test(line));
  // The kernel may stop the last write(2) of a killed process short: the next line then stands behind that piece.
  expect(lines.length - whole.length).toBeLessThanOrEqual(runs.length);
  for (const name of runs) {
    const numbers = whole.filter((line) => line.startsWith(name)).map((line) => Number(line.split(' ')[1]));
    expect(numbers.length).toBeGreaterThan(1000);
    expect(numbers[0]).toBeLessThanOrEqual(1);
    expect(numbers.findIndex((number, index) => number !== index + numbers[0]!)).toBe(-1);
  }
});
