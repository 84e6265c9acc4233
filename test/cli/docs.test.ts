import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errors } from '../../src/protocol/errors.ts';
import { eventNames, WaitingFor } from '../../src/protocol/schemas.ts';
import { WorkerStatus } from '../../src/protocol/status-schemas.ts';
import { repository } from './support/naught.ts';

const read = (page: string) => readFileSync(join(repository, page), 'utf8');

it('the glossary has every event, every state of a worker, and all that is waited for', () => {
  const glossary = read('docs/glossary.md');
  const states = WorkerStatus.properties.state.anyOf.map((each) => each.const);
  const waits = WaitingFor.anyOf.map((each) => ('const' in each ? each.const : 'null'));
  for (const word of [...eventNames, ...states, ...waits]) expect(glossary).toContain(`\`${word}\``);
});

it('the page on trouble has every kind of error', () => {
  const trouble = read('docs/troubleshooting.md');
  for (const kind of Object.keys(errors)) expect(trouble).toContain(`\`${kind}\``);
});

it('the index leads to every page of the guide', () => {
  const index = read('docs/README.md');
  const linked = [...index.matchAll(/\]\(([a-z0-9-]+\.md)\)/g)].map(([, page]) => page);
  expect(linked).toContain('first-deploy.md');
  for (const page of linked) expect(read(`docs/${page}`)).toMatch(/^# /);
});
