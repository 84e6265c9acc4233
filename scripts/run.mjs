// Runs a TypeScript program of this project: node scripts/run.mjs bench/demo.ts [arguments]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [program, ...args] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), 'naught-run-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const outfile = join(dir, 'program.mjs');
await build({
  entryPoints: [program],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  logLevel: 'warning',
});
process.argv = [process.execPath, outfile, ...args];
await import(pathToFileURL(outfile).href);
