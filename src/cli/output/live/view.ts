import type { Look } from '../terminal/look.ts';
import { line, type Part, pad, type Style, widest, wrapped } from '../terminal/text.ts';
import { ageText } from '../terminal/units.ts';
import { elapsed, type LiveModel, type LiveState, type LiveWorker } from './model.ts';
import { remedyOf, waitsOf } from './waits.ts';

/** Seconds of an operation after which it is told for whom it waits: before that the rows say enough. */
const patience = 2;
/** Waits that are told at most, each with the lines that it takes in a narrow terminal. */
const mostWaits = 3;
const mostLinesOfOne = 4;

const widestBar = 20;

/** The display of an operation: pure, so that each state of it can be shown without a terminal. `verb`: the command. */
export function operationView(model: LiveModel, verb: string, ipcFile: string, now: number, look: Look): string[] {
  const { head, foot } = around(model, verb, { ipcFile, followed: true }, now, look);
  // One line for the cursor.
  const room = Math.max(1, look.rows - 1 - head.length - foot.length);
  return [...head, ...rowsOf(model, now, look, room), ...foot];
}

/** The same without the workers, for who looks on from elsewhere. */
export function progressLines(model: LiveModel, verb: string, ipcFile: string, now: number, look: Look): string[] {
  const { head, foot } = around(model, verb, { ipcFile, followed: false }, now, look);
  return [...head, ...foot];
}

type Watched = Parameters<typeof remedyOf>[1];

function around(model: LiveModel, verb: string, watched: Watched, now: number, look: Look) {
  const known = model.operation !== null && elapsed(model, now) >= patience;
  return {
    head: [titleOf(model, verb, now, look), phasesOf(model, look)],
    foot: known ? waitLines(model, watched, now, look) : [],
  };
}

function titleOf(model: LiveModel, verb: string, now: number, look: Look): string {
  const { operation, former } = model;
  const release = operation?.release;
  const about = release === undefined ? '' : ` release ${release}${former === null ? '' : ` after ${former}`}`;
  return line([[verb, 'bold'], about, [`  ${ageText(elapsed(model, now))}`, 'cyan']], look);
}

interface Phase {
  name: string;
  done: number;
  of: number;
  /** What stands behind the bar. */
  text: string;
  style: Style;
}

function phasesOf(model: LiveModel, look: Look): string {
  const phases = phaseList(model);
  const texts = phases.map(({ name, text }) => `${name}  ${text}`);
  const bar = Math.min(widestBar, Math.floor((look.columns - texts.join('   ').length) / phases.length));
  const parts = phases.flatMap((phase, index): Part[] => [
    index === 0 ? '' : '   ',
    `${phase.name} `,
    ...(bar >= 4 ? barOf(phase, bar, look) : []),
    ` ${phase.text}`,
  ]);
  return line(parts, look);
}

/** New workers come online and may be watched, then old ones leave; or, when it is given up, the new ones leave. */
function phaseList({ workers, operation }: LiveModel): Phase[] {
  const now = operation?.phase;
  const [young, old] = [newest(workers, 'new'), newest(workers, 'old')];
  const online = young.filter(({ state }) => state === 'new_online' || state === 'online').length;
  const toLeave = operation?.toLeave ?? old.length - gone(old);
  return [
    ...(young.length > 0 || now === 'new'
      ? [counted('new', online, Math.max(young.length, operation?.newWorkers ?? 0), 'green')]
      : []),
    ...(now === 'undo' ? [counted('given up', gone(young), young.length, 'red')] : []),
    ...(now === undefined || usual.includes(now) ? [] : [unusual(now, operation?.bake)]),
    ...(gone(old) + toLeave > 0 ? [counted('old', gone(old), gone(old) + toLeave, 'blue')] : []),
  ];
}

const usual = ['new', 'old', 'undo', 'shutdown'];

const counted = (name: string, done: number, of: number, style: Style): Phase => ({
  name,
  done,
  of,
  text: `${done}/${of}`,
  style,
});

/** A bake, which has a time; or a phase that this version does not know. */
function unusual(name: string, bake: { of: number; left: number } | undefined): Phase {
  const { of, left } = bake ?? { of: 1, left: 1 };
  return { name, done: of - left, of, text: bake ? `${ageText(left)} left` : '', style: 'yellow' };
}

const gone = (workers: LiveWorker[]): number => workers.filter(({ state }) => state === 'gone').length;

function barOf({ done, of, style }: Phase, columns: number, { unicode }: Look): Part[] {
  const full = of === 0 ? 0 : Math.floor((columns * Math.min(done, of)) / of);
  const [on, off] = unicode ? ['█', '░'] : ['#', '-'];
  return [
    [on.repeat(full), style],
    [off.repeat(columns - full), 'dim'],
  ];
}

/** The last worker of each slot, on one side. */
function newest(workers: readonly LiveWorker[], side: LiveWorker['side']): LiveWorker[] {
  const bySlot = new Map(workers.filter((each) => each.side === side).map((each) => [each.slot, each]));
  return [...bySlot.values()];
}

/** How much a row says of a worker: as much as there is room for in all of them. */
const details = ['all', 'pids', 'states'] as const;
type Detail = (typeof details)[number];

const stateStyles: Record<LiveState, Style> = {
  booting: 'yellow',
  waiting: 'yellow',
  new_online: 'green',
  online: 'green',
  dying: 'magenta',
  destroyed: 'red',
  gone: 'dim',
};

/** One row for each slot: its old worker, its new one. */
function rowsOf(model: LiveModel, now: number, look: Look, room: number): string[] {
  const old = newest(model.workers, 'old');
  const young = newest(model.workers, 'new');
  const slots = [...new Set([...old, ...young].map(({ slot }) => slot))].sort((a, b) => a - b);
  const pairs = slots.map((slot) => ({
    slot,
    old: old.find((each) => each.slot === slot),
    young: young.find((each) => each.slot === slot),
  }));
  const shown = pairs.length <= room ? pairs : unfinishedFirst(pairs).slice(0, Math.max(0, room - 1));
  const rest = pairs.length - shown.length;
  const rows = fitting(shown, old.length > 0 && young.length > 0, now, look);
  return rest === 0 ? rows : [...rows, line([[`… and ${rest} more`, 'dim']], look)];
}

interface Pair {
  slot: number;
  old: LiveWorker | undefined;
  young: LiveWorker | undefined;
}

function unfinishedFirst(pairs: Pair[]): Pair[] {
  const busy = ({ state }: LiveWorker) => !['gone', 'online', 'new_online'].includes(state);
  const isBusy = ({ old, young }: Pair) => (old && busy(old)) || (young && busy(young));
  return [...pairs.filter(isBusy), ...pairs.filter((pair) => !isBusy(pair))];
}

function fitting(pairs: Pair[], both: boolean, now: number, look: Look): string[] {
  const arrow = look.unicode ? ' → ' : ' > ';
  const slotWidth = widest(pairs.map(({ slot }) => String(slot)));
  for (const detail of details) {
    const [old, young] = (['old', 'young'] as const).map((side) =>
      columnOf(
        pairs.map((pair) => pair[side]),
        detail,
        now,
      ),
    );
    const rows = pairs.map(({ slot }, row): Part[] => [
      [pad(String(slot), slotWidth, 'right'), 'bold'],
      ' ',
      ...(old?.[row] ?? []),
      ...(both ? [arrow] : []),
      ...(young?.[row] ?? []),
    ]);
    const width = widest(
      rows.map((parts) => parts.map((part) => (typeof part === 'string' ? part : part[0])).join('')),
    );
    if (width <= look.columns || detail === 'states') return rows.map((parts) => line(parts, look));
  }
  return [];
}

/** The workers of one side, under each other. */
function columnOf(workers: (LiveWorker | undefined)[], detail: Detail, now: number): Part[][] {
  const texts = workers.map((worker) => ({
    pid: worker === undefined || detail === 'states' ? '' : `${worker.pid} `,
    state: worker?.state ?? '',
    more:
      worker === undefined || detail !== 'all'
        ? ''
        : ` ${worker.exit ?? (worker.state === 'gone' ? '' : ageText((now - worker.since) / 1_000))}`,
  }));
  const widths = {
    pid: widest(texts.map(({ pid }) => pid)),
    state: widest(texts.map(({ state }) => state)),
    more: widest(texts.map(({ more }) => more)),
  };
  return texts.map(({ pid, state, more }, row) => {
    const worker = workers[row];
    return [
      pad(pid, widths.pid, 'right'),
      [pad(state, widths.state), worker && stateStyles[worker.state]],
      [pad(more, widths.more), worker?.exit ? 'red' : 'dim'],
    ];
  });
}

function waitLines(model: LiveModel, watched: Watched, now: number, look: Look): string[] {
  const waits = waitsOf(model, now);
  if (waits.length === 0 && model.operation?.phase !== 'bake') return [];
  const told = waits.slice(0, mostWaits).map((wait) => `waits: ${wait}`);
  const rest = waits.length - told.length;
  const more = rest > 0 ? [`waits: ${rest} more`] : [];
  return [...told, ...more, remedyOf(model, watched, now)].flatMap((text) =>
    wrapped(text, look.columns, mostLinesOfOne).map((each) => line([[each, 'yellow']], look)),
  );
}
