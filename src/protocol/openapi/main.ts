import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { openapiDocument } from './document.ts';
import { openapi31Document } from './document-3.1.ts';

/** Writes the published descriptions (`--write`), or fails when a committed one is stale. Run from the project's root. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const header = '# Generated from src/protocol/table.ts by `npm run openapi`. Do not edit.\n';
const documents = { 'openapi.yaml': openapiDocument(version), 'openapi-3.1.yaml': openapi31Document(version) };

for (const [file, document] of Object.entries(documents)) {
  const text = header + stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 });
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is stale: run npm run openapi\n`);
    process.exitCode = 1;
  }
}
