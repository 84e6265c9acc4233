import { expect, test } from 'vitest';
import * as control from './support/control.ts';
import { begin, naught } from './support/naught.ts';

test('status --watch --json has a line each second, tells of a daemon that is gone, and Ctrl-C ends it well', async () => {
  const { cwd, close } = await control.daemon({ 'GET /status': control.json(control.status()) });
  const { child, ended } = begin(['status', '--watch', '--json'], { cwd });
  const lines: string[] = [];
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (text: string) => {
      lines.push(...text.trimEnd().split('\n'));
      if (lines.length === 2) void close();
      if (lines.some((line) => line.includes('"error"'))) resolve();
    });
  });
  child.kill('SIGINT');
  const { exit, stderr } = await ended;
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ count: { online: 2 }, script: '/srv/server.js' });
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ error: { data: { kind: 'unavailable' } } });
});

test('status --watch of no server fails as status does', async () => {
  const cwd = control.temporaryFolder();
  const { exit, stderr } = await naught(['status', '--watch'], { cwd });
  expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringMatching(/^server not running/) });
});

const born = { ...control.event('SpawnNew', control.counts(1)), worker: { slot: 0, pid: 4711 } };
const bornLine =
  '2026-01-01T00:00:00.000Z SpawnNew. booting: 1, online: 0, dying: 0, new_online: 0 worker: 0 (pid 4711)\n';

test('events prints the last ones, and says how many are gone', async () => {
  const answer = control.ndjson([born, { result: { seq: 1_200, missed: 3 } }]);
  const { cwd, requests } = await control.daemon({ 'GET /events?lines=2': answer });
  expect(await naught(['events', '-n', '2'], { cwd })).toEqual({
    stdout: bornLine,
    stderr: 'naught: 3 events are not kept any more\n',
    exit: 0,
  });
  expect(requests).toHaveLength(1);
});

test('events --json gives them as the API does', async () => {
  const result = { result: { seq: 1, missed: 0 } };
  const { cwd } = await control.daemon({ 'GET /events?lines=100': control.ndjson([born, result]) });
  const { stdout, exit } = await naught(['events', '--json'], { cwd });
  expect({ stdout, exit }).toEqual({ stdout: `${JSON.stringify(born)}\n${JSON.stringify(result)}\n`, exit: 0 });
});

test('events -f is left by Ctrl-C, and goes on where its connection was lost', async () => {
  const { cwd } = await control.daemon({
    'GET /events?lines=100&follow=true': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(born)}\n`);
      setImmediate(() => response.destroy());
    },
    'GET /events?lines=100&follow=true&since=1': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify({ ...born, seq: 2 })}\n`);
    },
  });
  const { child, ended } = begin(['events', '-f'], { cwd });
  let seen = '';
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (text: string) => {
      seen += text;
      if (seen === bornLine.repeat(2)) resolve();
    });
  });
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ exit: 0, stderr: '' });
});
