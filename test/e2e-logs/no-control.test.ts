import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, root } from '../support/naught.ts';
import { kill } from '../support/processes.ts';
import { bytesIn, controlOf, said } from './support.ts';

/** A package of the test's own, in the folder of the daemon: its control process cannot start while there is a file `broken`. */
function install(naught: Naught): string {
  const at = naught.path('package');
  mkdirSync(at);
  for (const name of ['dist', 'package.json', 'oclif.manifest.json']) {
    cpSync(join(root, name), join(at, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(at, 'node_modules'));
  const control = join(at, 'dist/daemon/control.js');
  const broken = JSON.stringify(naught.path('broken'));
  const guard = `if ((await import('node:fs')).existsSync(${broken})) throw new Error('it is broken');`;
  writeFileSync(control, `${guard}\n${readFileSync(control, 'utf8')}`);
  return join(at, 'dist');
}

const server = `
const line = (number) => number + ' ' + 'x'.repeat(1000) + '\\n';
let number = 0;
require('node:http').createServer((request, response) => {
  for (let left = Number(request.url.slice(1)); left > 0; left--) process.stdout.write(line(number++));
  response.end(String(number));
}).listen(process.env.PORT, '127.0.0.1', () => process.send('online'));
`;

it('lets workers write on while control cannot be started, keeps the newest lines, and says how much it dropped', async () => {
  await using naught = await Naught.withPort();
  const dist = install(naught);
  naught.write('server.js', server);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(dist, 'cli/main.js'), ...args], {
      cwd: naught.dir,
      env: { ...process.env, ...naught.env },
      encoding: 'utf8',
    });
  expect(run('start', 'server.js')).toMatchObject({ status: 0 });
  naught.write('broken');
  kill(controlOf(naught)!);
  // A pipe holds 64 KB: whoever answers all of these is not blocked.
  for (let asked = 0; asked < 20; asked++) expect(await naught.ask<number>('/100')).toBe((asked + 1) * 100);
  naught.remove('broken');
  await said(naught, /bytes of \S+stdout\.log were dropped: no control process could read it/);
  expect(await naught.ask<number>('/10')).toBe(2010);
  await eventually(() => (bytesIn(naught, 'stdout.log').includes('\n2009 x') ? true : undefined));
  const log = bytesIn(naught, 'stdout.log').toString();
  const dropped = Number(
    /naught dropped (\d+) bytes of this log here: no control process could read it\n/.exec(log)?.[1],
  );
  const lines = log.split('\n').filter((line) => /^\d+ x{1000}$/.test(line));
  const numbers = lines.map((line) => Number.parseInt(line, 10));
  expect(numbers.at(-1)).toBe(2009);
  expect(new Set(numbers).size).toBe(numbers.length);
  const written = Array.from({ length: 2010 }, (_, number) => `${number} ${'x'.repeat(1000)}\n`).join('').length;
  expect(dropped + lines.join('\n').length + 1).toBe(written);
  expect(run('stop')).toMatchObject({ status: 0 });
});

it('says at a stop who still holds a pipe of a worker that is gone', async () => {
  await using naught = await Naught.withPort();
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn('sleep', ['30'], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] });
    require('node:http').createServer((_, response) => response.end(String(child.pid)))
      .listen(process.env.PORT, () => process.send('online'));`;
  await naught.start([naught.write('server.js', script)]);
  const holder = await naught.ask<number>('/');
  const stopping = naught.begin(['stop']);
  await stopping.says(`for who still holds the log pipes of workers that are gone: sleep (pid ${holder})`);
  kill(holder);
  expect(await stopping.ended).toMatchObject({ code: 0 });
});

it('has what a worker and its children write to /dev/stdout and /dev/stderr', async () => {
  await using naught = await Naught.withPort();
  const script = `
    require('node:child_process').execSync('echo out > /dev/stdout; echo err > /dev/stderr', { stdio: 'inherit' });
    require('node:fs').writeFileSync('/dev/stdout', 'by path\\n');
    require('node:http').createServer().listen(process.env.PORT, () => process.send('online'));`;
  await naught.start([naught.write('server.js', script)]);
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect([naught.read('stdout.log'), naught.read('stderr.log')]).toEqual(['out\nby path\n', 'err\n']);
});
