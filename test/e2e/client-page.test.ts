import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Naught, root, server } from '../support/naught.ts';

const page = readFileSync(join(root, 'docs/client.md'), 'utf8');
const programs = [...page.matchAll(/```js\n(\/\/ ([\w.]+):[\s\S]*?)```/g)].map(([, text = '', name = '']) => ({
  name,
  text,
}));

const said: Record<string, RegExp> = {
  'deploy.mjs':
    /^SpawnNew: [\s\S]*OldExit: 2 of the new workers are online, 0 old ones leave\nReady: .*\nrelease 2 serves\n$/,
  'status.cjs': /^release 2: 2 online\n$/,
  'running.mjs': /^no server runs\n$/,
};

let naught: Naught;
beforeAll(async () => {
  naught = await Naught.withPort();
  await naught.start([server]);
  mkdirSync(naught.path('node_modules'));
  symlinkSync(root, naught.path('node_modules/naught2'));
  return () => naught[Symbol.asyncDispose]();
});

it('docs/client.md has a program of each kind', () => {
  expect(programs.map(({ name }) => name)).toEqual(Object.keys(said));
});

it.each(programs)('$name of docs/client.md does what the page says', ({ name, text }) => {
  const ran = spawnSync(process.execPath, [naught.write(name, text)], { cwd: naught.dir, encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(said[name] ?? /^$/) });
});
