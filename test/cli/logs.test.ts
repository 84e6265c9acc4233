import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { LogEvent } from '../../src/protocol/log-schemas.ts';
import * as control from './support/control.ts';
import { begin, naught } from './support/naught.ts';

const line = (text: string, more: object = {}) =>
  ({ event: 'Line', stream: 'stdout', line: text, ...more }) as LogEvent;
const end = { result: { lines: 4, skipped: 0 } };

async function daemon(route: string, answer: control.Answer): Promise<string> {
  const cwd = control.temporaryFolder();
  await control.fakeControl(cwd, { [route]: answer });
  return cwd;
}

const kept = ['GET /a', 'POST /b', 'GET /c', 'GET /d'].map((text) => line(text));

test('prints the lines as they were written', async () => {
  const bytes = Buffer.from([0xff, 0x00, 0x41]);
  const lines = [
    line('héllo', { slot: 1 }),
    line('\ufffd\0A', { base64: bytes.toString('base64') }),
    line('end', { partial: true }),
  ];
  const cwd = await daemon('GET /logs?lines=100', control.ndjson([...lines, end]));
  const running = begin(['logs'], { cwd });
  running.child.stdout!.setEncoding('latin1');
  const { stdout, stderr, exit } = await running.ended;
  expect(Buffer.from(stdout, 'latin1')).toEqual(Buffer.concat([Buffer.from('héllo\n'), bytes, Buffer.from('\nend')]));
  expect([stderr, exit]).toEqual(['', 0]);
});

test('ends an unfinished line before one that somebody else wrote', async () => {
  const lines = [
    line('rea', { partial: true }),
    line('dy', { partial: true }),
    line('Error: boom', { stream: 'stderr' }),
    line('prompt> ', { pid: 1, partial: true }),
    line('other', { pid: 2 }),
  ];
  const cwd = await daemon('GET /logs?lines=100', control.ndjson([...lines, end]));
  const { stdout } = await naught(['logs'], { cwd });
  expect(stdout).toBe('ready\nError: boom\nprompt> \nother\n');
});

test('waits for a reader that is slow, and warns of nothing', async () => {
  const many = Array.from({ length: 3_000 }, (_, each) => line(`${each} ${'x'.repeat(1_000)}`));
  const cwd = await daemon('GET /logs?lines=all', control.ndjson([...many, end]));
  const running = begin(['logs', '-n', 'all'], { cwd });
  running.child.stdout!.pause();
  setTimeout(() => running.child.stdout!.resume(), 500);
  const { stdout, stderr } = await running.ended;
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toHaveLength(3_001);
});

test('asks for what it was told', async () => {
  const route = 'GET /logs?lines=0&follow=true&stream=stderr&worker=2';
  const cwd = await daemon(route, control.ndjson([{ event: 'Live' }, line('x', { stream: 'stderr' }), end]));
  const args = ['logs', '-f', '-n', '0', '--stream', 'stderr', '--worker', '2', 'naught.ipc'];
  expect(await naught(args, { cwd })).toEqual({ stdout: 'x\n', stderr: '', exit: 0 });
});

test('--grep takes the last lines of each log that match, of all that was kept', async () => {
  const others = ['GET /x', 'GET /y', 'GET /z'].map((text) => line(text, { stream: 'stderr' }));
  const cwd = await daemon('GET /logs?lines=all', control.ndjson([...kept, ...others, end]));
  const { stdout } = await naught(['logs', '-n', '2', '--grep', '^GET'], { cwd });
  expect(stdout).toBe('GET /c\nGET /d\nGET /y\nGET /z\n');
});

test('--grep goes on with every line that matches', async () => {
  const live = [{ event: 'Live' }, line('POST /e'), line('GET /f'), line('GET /g'), line('GET /h')];
  const cwd = await daemon('GET /logs?lines=all&follow=true', control.ndjson([...kept, ...live, end]));
  const { stdout } = await naught(['logs', '-f', '-n', '1', '--grep', 'GET'], { cwd });
  expect(stdout).toBe('GET /d\nGET /f\nGET /g\nGET /h\n');
});

test('--json prints what the API gives, and counts what --grep lets through', async () => {
  const cwd = await daemon('GET /logs?lines=all', control.ndjson([...kept, end]));
  const { stdout } = await naught(['logs', '--json', '--grep', 'POST'], { cwd });
  expect(stdout).toBe(`${JSON.stringify(kept[1])}\n{"result":{"lines":1,"skipped":0}}\n`);
});

test('says which lines are missing, and why', async () => {
  const missing = [
    { event: 'Unreadable', file: 'a.log', message: 'EACCES' },
    { event: 'Waiting', log: 'stdout.log', bytes: 12 },
  ];
  const cwd = await daemon('GET /logs?lines=100', control.ndjson([missing[0], line('x'), missing[1], end]));
  expect(await naught(['logs'], { cwd })).toEqual({
    stdout: 'x\n',
    stderr:
      'naught: lines of a.log are missing, which cannot be read: EACCES\n' +
      'naught: 12 bytes are not shown: stdout.log cannot be written, and they wait in memory\n',
    exit: 0,
  });
});

test('says how many lines it was too slow for', async () => {
  const cwd = await daemon(
    'GET /logs?lines=100&follow=true',
    control.ndjson([{ event: 'Skipped', lines: 7 }, line('x'), end]),
  );
  expect(await naught(['logs', '-f'], { cwd })).toEqual({
    stdout: 'x\n',
    stderr: 'naught: 7 lines were too many to show\n',
    exit: 0,
  });
});

test('Ctrl-C ends the following, with success', async () => {
  const cwd = await daemon('GET /logs?lines=100&follow=true', (response) => {
    control.begin(response);
    response.write(`${JSON.stringify(line('so far'))}\n`);
  });
  const running = begin(['logs', '-f'], { cwd });
  await once(running.child.stdout!, 'data');
  running.child.kill('SIGINT');
  expect(await running.ended).toEqual({ stdout: 'so far\n', stderr: '', exit: 0 });
});

test('an answer that is cut short is told, after its lines', async () => {
  const cwd = await daemon('GET /logs?lines=100&follow=true', control.ndjson([line('x')]));
  const stderr = 'the daemon ended the answer before its last line\n';
  expect(await naught(['logs', '-f'], { cwd })).toEqual({ stdout: 'x\n', stderr, exit: 1 });
});
