import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { openapiDocument } from './document.ts';

/** Writes openapi.yaml (`--write`), or fails when the committed one is stale. Run from the project's root. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const header = '# Generated from src/protocol/table.ts by `npm run openapi`. Do not edit.\n';
const text = header + stringify(openapiDocument(version), { aliasDuplicateObjects: false, lineWidth: 120 });

if (process.argv.includes('--write')) writeFileSync('openapi.yaml', text);
else if (readFileSync('openapi.yaml', 'utf8') !== text) {
  process.stderr.write('openapi.yaml is stale: run npm run openapi\n');
  process.exitCode = 1;
}
