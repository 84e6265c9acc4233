import type { WorkerStatus } from '../../../protocol/status-schemas.ts';
import type { Look } from './look.ts';
import { line, type Part, pad, type Style, widest } from './text.ts';
import { ageText, bytesText, millisecondsText, percentText, rateText } from './units.ts';

/** The workers as a table. */

export interface Column<Row> {
  name: string;
  /** undefined: nothing is known of it. A column that has nothing at all is left out. */
  text: (row: Row) => string | undefined;
  side: 'left' | 'right';
  style?: (row: Row) => Style | undefined;
  /** Where there is no room for all columns, those with the highest number go first. */
  goes: number;
}

const stateStyles: Record<WorkerStatus['state'], Style> = {
  booting: 'yellow',
  waiting: 'red',
  online: 'green',
  new_online: 'green',
  dying: 'magenta',
};

const number = <Value>(value: Value | undefined, show: (value: Value) => string): string | undefined =>
  value === undefined ? undefined : show(value);

export const workerColumns: Column<WorkerStatus>[] = [
  { name: 'slot', text: ({ slot }) => String(slot), side: 'right', goes: 0 },
  { name: 'pid', text: ({ pid }) => number(pid, String), side: 'right', goes: 2 },
  { name: 'release', text: ({ release }) => String(release), side: 'right', goes: 7 },
  { name: 'state', text: ({ state }) => state, side: 'left', style: ({ state }) => stateStyles[state], goes: 1 },
  { name: 'up', text: ({ uptime }) => number(uptime, ageText), side: 'left', goes: 3 },
  { name: 'restarts', text: ({ restarts }) => String(restarts), side: 'right', style: restartStyle, goes: 8 },
  { name: 'memory', text: ({ memory }) => number(memory, bytesText), side: 'right', goes: 5 },
  { name: 'cpu', text: ({ cpu }) => number(cpu, percentText), side: 'right', goes: 6 },
  { name: 'req/s', text: ({ requestsPerSecond }) => number(requestsPerSecond, rateText), side: 'right', goes: 4 },
  { name: 'delay', text: ({ eventLoopDelay }) => number(eventLoopDelay, millisecondsText), side: 'right', goes: 9 },
];

function restartStyle({ restarts }: WorkerStatus): Style | undefined {
  return restarts > 0 ? 'yellow' : undefined;
}

const gap = '  ';

/** Lines that fit: a heading, and one for each row. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], look: Look): string[] {
  const cells = columns
    .map((column) => ({ column, texts: rows.map((row) => column.text(row)) }))
    .filter(({ texts }) => texts.some((text) => text !== undefined))
    .map(({ column, texts }) => {
      const shown = texts.map((text) => text ?? '-');
      return { column, texts: shown, width: widest([column.name, ...shown]) };
    });
  const fitting = withRoom(cells, look.columns);
  const lineOf = (part: (cell: (typeof fitting)[number]) => Part): string =>
    line(
      fitting.flatMap((cell, index) => [index === 0 ? '' : gap, part(cell)]),
      look,
    );
  return [
    lineOf(({ column, width }) => [pad(column.name, width, column.side), 'dim']),
    ...rows.map((row, index) =>
      lineOf(({ column, texts, width }) => [pad(texts[index] ?? '', width, column.side), column.style?.(row)]),
    ),
  ];
}

function withRoom<Cell extends { column: { goes: number }; width: number }>(cells: Cell[], columns: number): Cell[] {
  const width = cells.reduce((sum, cell) => sum + cell.width, 0) + gap.length * (cells.length - 1);
  if (width <= columns || cells.length <= 1) return cells;
  const last = Math.max(...cells.map(({ column }) => column.goes));
  return withRoom(
    cells.filter(({ column }) => column.goes !== last),
    columns,
  );
}
