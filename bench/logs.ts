import { loadavg } from 'node:os';
import { measureSupervisor } from './logs/supervisor.ts';
import { measureMemory, measureWall } from './logs/wall.ts';

/**
 * What logs cost, against limits: exits 1 above one. 100 MB in lines of 100 bytes against a raw `pipe(createWriteStream)` in the
 * same run, without and with gzip; control's memory; what the supervisor notices of a worker that writes 50 MB/s.
 */
const limits = { plain: 1.3, gzipped: 1.6, memory: 150, supervisor: 1.1 };

console.log(
  `load of the machine before: ${loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')}\n`,
);
const memory: number[] = [];
for (const perWrite of [1, 640]) {
  const { raw, plain, gzipped } = await measureWall(perWrite, memory);
  const what = `100 MB, ${perWrite} lines a write (raw pipe: ${raw.toFixed(2)} s)`;
  row(`${what}, no rotation`, plain, limits.plain, 'x');
  row(`${what}, with gzip`, gzipped, limits.gzipped, 'x');
}
await measureMemory(memory);
row("control's memory, most of all runs", Math.max(...memory), limits.memory, 'MB');
const { logs, nothing } = await measureSupervisor();
row(
  `supervisor's CPU with logs at 50 MB/s: ${perSecond(logs.cpu)}, without ${perSecond(nothing.cpu)}`,
  logs.cpu / nothing.cpu,
  limits.supervisor,
  'x',
);
row(
  `supervisor's event-loop delay, p99: ${ms(logs.delay)}, without ${ms(nothing.delay)}`,
  logs.delay / nothing.delay,
  limits.supervisor,
  'x',
);

function row(what: string, measured: number, limit: number, unit: string): void {
  const over = measured > limit;
  console.log(
    `${over ? 'ABOVE ' : 'ok    '}${`${measured.toFixed(2)} ${unit}`.padEnd(12)} limit ${String(limit).padEnd(5)} ${what}`,
  );
  if (over) process.exitCode = 1;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function perSecond(value: number): string {
  return `${ms(value)}/s`;
}
