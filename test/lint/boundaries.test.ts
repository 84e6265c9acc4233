import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

interface Diagnostic {
  category: string;
  location: { path: string; start: { line: number } };
}

const root = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'naught-lint-'));
const supervisor = 'src/daemon/supervisor';
const forbidden = [
  [`${supervisor}/engine.ts`, '../control/control.ts'],
  [`${supervisor}/engine.ts`, '../worker/preload.ts'],
  [`${supervisor}/machine/step.ts`, '../../control/api/server.ts'],
  [`${supervisor}/sockets/hooks.ts`, 'fastify'],
  [`${supervisor}/sockets/hooks.ts`, '@oclif/core/args'],
  [`${supervisor}/sockets/hooks.ts`, '../../../cli/program.ts'],
  ['src/daemon/control/control.ts', '../supervisor/engine.ts'],
  ['src/daemon/control/api/server.ts', '../../supervisor/engine.ts'],
  ['src/daemon/control/api/server.ts', '../../worker/preload.ts'],
  ['src/daemon/worker/preload.ts', '../control/control.ts'],
  ['src/daemon/worker/drain/drain.ts', '../../supervisor/engine.ts'],
  ['src/daemon/worker/drain/drain.ts', 'undici'],
  ['src/daemon/control-link.ts', './supervisor/engine.ts'],
  ['src/daemon/worker-link.ts', 'typebox'],
  ['src/protocol/client.ts', '../daemon/start-config.ts'],
  ['src/protocol/client.ts', '../cli/program.ts'],
  ['src/cli/program.ts', '../daemon/control-link.ts'],
  ['src/cli/start/boot.ts', '../../daemon/supervisor/main.ts'],
  ['src/cli/start/boot.ts', 'typebox'],
] as const;
const allowed = [
  [`${supervisor}/fleet/processes.ts`, '../control/pipes.ts'],
  [`${supervisor}/fleet/processes.ts`, 'node:fs/promises'],
  ['src/cli/start/boot.ts', '../../daemon/start-config.ts'],
] as const;
/** Which rules find something, by file and line. */
const found = new Map<string, string[]>();

/** Copies the file and adds a line to the copy. Returns where: `file:line`. */
function add(file: string, line: string): string {
  const copy = join(scratch, file);
  mkdirSync(dirname(copy), { recursive: true });
  if (!existsSync(copy)) cpSync(join(root, file), copy);
  appendFileSync(copy, `${line}\n`);
  return `${file}:${readFileSync(copy, 'utf8').split('\n').length - 1}`;
}

const placed = new Map([...forbidden, ...allowed].map(([file, from]) => [file + from, add(file, `import '${from}';`)]));
// address.ts imports a type of native.ts.
add(`${supervisor}/sockets/address.ts`, '');
const circle = add(`${supervisor}/sockets/native.ts`, "import type {} from './address.ts';");
const floating = add('src/daemon/start-config.ts', '(async () => {})();');

// One run for all of them: a start of the linter takes longer than what it looks at.
beforeAll(async () => {
  cpSync(join(root, 'biome.json'), join(scratch, 'biome.json'));
  const rules = ['style/noRestrictedImports', 'suspicious/noImportCycles', 'nursery/noFloatingPromises'];
  const options = ['--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json'];
  const args = ['lint', ...options, ...rules.map((rule) => `--only=${rule}`), 'src'];
  const stdout = await new Promise<string>((done) => {
    execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: scratch }, (_, text) => done(text));
  });
  for (const { category, location } of JSON.parse(stdout).diagnostics as Diagnostic[]) {
    const at = `${location.path}:${location.start.line}`;
    found.set(at, [...(found.get(at) ?? []), category]);
  }
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it.each(forbidden)('%s may not import %s', (file, from) => {
  expect(found.get(placed.get(file + from) ?? '')).toContain('lint/style/noRestrictedImports');
});

it.each(allowed)('%s may import %s', (file, from) => {
  expect(found.get(placed.get(file + from) ?? '') ?? []).toEqual([]);
});

it('finds a circle of imports, though it is one of types alone', () => {
  expect(found.get(circle)).toContain('lint/suspicious/noImportCycles');
});

it('finds a promise that nobody waits for', () => {
  expect(found.get(floating)).toContain('lint/nursery/noFloatingPromises');
});
