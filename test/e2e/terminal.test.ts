import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../../bench/port.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, program, ranOf, root } from '../support/naught.ts';

it('answers Ctrl-C, which a terminal sends to every process of the foreground, with a stop that finishes the requests', async () => {
  await using naught = new Naught();
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [program, 'start', '--daemon-mode', 'false', join(root, 'examples/express/server.js')],
    {
      cwd: naught.dir,
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const ran = ranOf(child);
  await eventually(() =>
    naught.exists('naught.log') && naught.read('naught.log').includes('Ready.') ? true : undefined,
  );

  const answer = new Promise<string>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: '/slow', agent: false }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    });
    sent.on('error', reject).end();
    sent.on('socket', (socket) =>
      socket.once('connect', () => setImmediate(() => process.kill(-(child.pid ?? 0), 'SIGINT'))),
    );
  });
  expect(JSON.parse(await answer)).toEqual({ version: '1' });
  expect(await ran).toMatchObject({ code: 0, signal: null });
  expect(naught.read('naught.log')).toMatch(/OldExit\..*exit code: 0/);
});
