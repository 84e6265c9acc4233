import { expect, test } from 'vitest';
import { clockText } from '../../../src/cli/output/label.ts';
import type { Look } from '../../../src/cli/output/terminal/look.ts';
import { actions } from '../../../src/cli/top/actions.ts';
import { History, sparkline } from '../../../src/cli/top/history.ts';
import { type TopModel, topView } from '../../../src/cli/top/view.ts';
import type { LogLine } from '../../../src/protocol/log-schemas.ts';
import type { WorkerStatus } from '../../../src/protocol/status-schemas.ts';
import { status } from '../support/control.ts';

const look: Look = { columns: 120, rows: 14, color: false, unicode: true };

const worker = (slot: number, requestsPerSecond: number): WorkerStatus => ({
  slot,
  pid: 4711 + slot,
  state: 'online',
  release: 3,
  uptime: 61,
  crashes: 0,
  restarts: 0,
  memory: 50 * 1024 * 1024,
  cpu: 0.5,
  requestsPerSecond,
});

const time = '2026-01-01T00:00:00.000Z';
const lineOf = (line: string, more: Partial<LogLine> = {}): LogLine => ({
  event: 'Line',
  stream: 'stdout',
  line,
  ...more,
});

function shown(over: Partial<TopModel> = {}): TopModel {
  const history = new History();
  for (const rate of [0, 50, 100]) history.add({ workers: [worker(0, rate), worker(1, 10)] });
  return {
    ipcFile: 'naught.ipc',
    status: status({ release: 3, uptime: 3_700, node: 'v20.19.0', workers: [worker(0, 100), worker(1, 10)] }),
    trouble: null,
    history,
    logs: [lineOf('GET /\u001b[2J', { time, slot: 0 }), lineOf('late', { stream: 'stderr' })],
    asked: null,
    message: null,
    help: false,
    ...over,
  };
}

const keys = 'd deploy  r restart  b rollback  p promote  a abort  s stop';

test('top fills the screen: the workers and their last seconds, the total, the last log lines, the keys', () => {
  const lines = topView(shown(), look);
  expect(lines).toHaveLength(14);
  expect(lines.slice(0, 8)).toEqual([
    'naught top  /srv/server.js  release 3, pid 4242, up 1 h 01 min',
    'naught 2.0.0, node v20.19.0',
    'workers online: 2',
    '',
    'slot   pid  release  state   up          restarts  memory                 cpu                req/s',
    '   0  4711        3  online  1 min 01 s         0   50 MB           ███  50 %           ▅▅▅    100           ▁▅█',
    '   1  4712        3  online  1 min 01 s         0   50 MB           ███  50 %           ▅▅▅     10           ███',
    'total  memory 100 MB          ███  cpu 100 %          ███  req/s 110          ▂▅█',
  ]);
  expect(lines.slice(8, 11)).toEqual(['', `${clockText(time)} stdout 0 | GET /\\u001b[2J`, 'stderr | late']);
  expect(lines.at(-1)).toContain(keys);
});

test('an action asks first', () => {
  const lines = topView(shown({ asked: actions.find(({ name }) => name === 'stop') ?? null }), look);
  expect(lines.at(-1)).toBe('Stop the server, and wait for its workers? y/n');
});

test('a daemon that is gone is told, and how an action went', () => {
  const lines = topView(shown({ trouble: 'server not running; waiting for it', message: 'stop done' }), look);
  expect(lines[2]).toBe('server not running; waiting for it');
  expect(lines.join('\n')).not.toContain('4711');
  expect(lines.at(-2)).toBe('stop done');
});

test('the help takes the place of the rest', () => {
  const lines = topView(shown({ help: true }), look);
  expect(lines).toHaveLength(14);
  expect(lines.join('\n')).toMatch(/^q {2}quit.*\n\? {2}this help/m);
  expect(lines.join('\n')).not.toContain('4711');
});

test('a small screen has the workers before the log lines, and no line is too long', () => {
  const lines = topView(shown(), { ...look, columns: 20, rows: 8 });
  expect(lines).toHaveLength(8);
  expect(lines[4]).toBe('slot   pid  state');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(20);
  expect(topView(shown(), { ...look, columns: 1, rows: 1 })).toHaveLength(1);
});

test.each<[number[], number, number, boolean, string]>([
  [[], 3, 1, true, '   '],
  [[0, 5, 10], 3, 10, true, '▁▅█'],
  [[1, 2, 3, 4, 8], 3, 1, true, '▄▅█'],
  [[1, 1], 2, 100, true, '▁▁'],
  [[0, 10], 2, 1, false, '_#'],
])('the samples %j in %d columns', (samples, columns, least, unicode, expected) => {
  expect(sparkline(samples, columns, least, unicode)).toBe(expected);
});

test('what is over is forgotten, and the total with what nobody knows', () => {
  const history = new History();
  history.add({ workers: [worker(0, 5)] });
  history.add({ workers: [{ slot: 1, pid: 9, state: 'booting', release: 1, crashes: 0, restarts: 0 }] });
  expect(history.of(4711).memory).toEqual([]);
  expect(history.total.requestsPerSecond).toEqual([5]);
});
