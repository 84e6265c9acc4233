import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { pidIn } from '../../src/protocol/pid-file.ts';

function pathInFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'naught-pid-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'naught.pid');
}

it.each([
  ['4711\n', 4711],
  ['4711', 4711],
  ['', null],
  ['-1\n', null],
  ['4711 4712\n', null],
  [`4711\n${'x'.repeat(1 << 20)}`, null],
])('reads the number of a process out of %j', (text, pid) => {
  const path = pathInFolder();
  writeFileSync(path, text);
  expect(pidIn(path)).toBe(pid);
});

it('finds none where there is no file, and waits for nobody at a FIFO', () => {
  const path = pathInFolder();
  expect(pidIn(path)).toBeNull();
  execFileSync('mkfifo', [path]);
  expect(pidIn(path)).toBeNull();
});
