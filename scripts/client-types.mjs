import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Replaces those declarations in `folder` that need a package by ones that need none. */
export async function writeClientTypes(folder) {
  const program = join(folder, 'types.mjs');
  await build({
    entryPoints: ['src/protocol/openapi/types.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
  });
  const { typeDeclarations } = await import(pathToFileURL(program).href);
  rmSync(program);
  for (const [file, text] of Object.entries(typeDeclarations())) writeFileSync(join(folder, 'protocol', file), text);
}
