import type { LogLine } from '../../protocol/log-schemas.ts';
import type { Status, WorkerStatus } from '../../protocol/status-schemas.ts';
import { clockText } from '../output/label.ts';
import { statusText, waitingText } from '../output/render.ts';
import type { Look } from '../output/terminal/look.ts';
import { progressOf } from '../output/terminal/overview.ts';
import { type Column, table, workerColumns } from '../output/terminal/table.ts';
import { line, type Part } from '../output/terminal/text.ts';
import { ageText, bytesText, percentText, rateText } from '../output/terminal/units.ts';
import { type Action, actions } from './actions.ts';
import { type History, type Measure, sparkline, totalOf } from './history.ts';

/** All that `top` shows. */
export interface TopModel {
  ipcFile: string;
  /** The last one that was told. */
  status: Status;
  /** Why there is none now; null: there is. */
  trouble: string | null;
  history: History;
  /** The last lines, the newest at the end. */
  logs: LogLine[];
  /** Asked, and not answered yet. */
  asked: Action | null;
  /** How the last action went. */
  message: string | null;
  help: boolean;
}

/** Columns of a line over time. */
const sparkWidth = 12;
/** What the highest block is at least: a server that idles shows no mountains. */
const least: Record<Measure, number> = { requestsPerSecond: 10, memory: 1, cpu: 1 };

type Row = { worker: WorkerStatus; history: History };

/** The whole screen: as many lines as it has rows. */
export function topView(model: TopModel, look: Look): string[] {
  const head = [...headOf(model, look), '', ...(model.help ? helpOf(look) : bodyOf(model, look))];
  const foot = footOf(model, look);
  const room = Math.max(0, look.rows - foot.length);
  const shown = head.slice(0, room);
  const logs = model.help ? [] : logsOf(model.logs, room - shown.length - 1, look);
  const rest = logs.length === 0 ? [] : ['', ...logs];
  const blank = Array<string>(Math.max(0, room - shown.length - rest.length)).fill('');
  return [...shown, ...rest, ...blank, ...foot].slice(0, look.rows);
}

function headOf({ status, trouble }: TopModel, look: Look): string[] {
  const { script, pid, uptime, release, version, node } = status;
  const title = line(
    [['naught top', 'bold'], `  ${script}`, [`  release ${release}, pid ${pid}, up ${ageText(uptime)}`, 'dim']],
    look,
  );
  const versions = line([[`naught ${version}, node ${node}`, 'dim']], look);
  if (trouble !== null) return [title, versions, ...trouble.split('\n').map((text) => line([[text, 'red']], look))];
  return [title, versions, ...statusText(status).split('\n'), ...waitingText(status)].map((text) =>
    text === title || text === versions ? text : line([text], look),
  );
}

function bodyOf(model: TopModel, look: Look): string[] {
  const { status, history, ipcFile, trouble } = model;
  if (trouble !== null) return [];
  const rows = status.workers.map((worker) => ({ worker, history }));
  const progress = progressOf(status, ipcFile, look);
  return [
    ...table(columnsOf(look), rows, look),
    totalLine(model, look),
    ...(progress.length === 0 ? [] : ['', ...progress]),
  ];
}

/** Those of `status`, and after each measure its last seconds. */
function columnsOf({ unicode }: Look): Column<Row>[] {
  const sparks: Record<string, Measure> = { memory: 'memory', cpu: 'cpu', 'req/s': 'requestsPerSecond' };
  return workerColumns.flatMap((column) => {
    const own: Column<Row> = {
      ...column,
      text: ({ worker }) => column.text(worker),
      style: ({ worker }) => column.style?.(worker),
    };
    const measure = sparks[column.name];
    if (measure === undefined) return own;
    const spark: Column<Row> = {
      name: '',
      text: ({ worker, history }) => {
        const samples = history.of(worker.pid)[measure];
        return samples.length === 0 ? undefined : sparkline(samples, sparkWidth, least[measure], unicode);
      },
      side: 'left',
      style: () => 'cyan',
      goes: column.goes + 10,
    };
    return [own, spark];
  });
}

function totalLine({ status, history }: TopModel, look: Look): string {
  const show: [string, Measure, (value: number) => string][] = [
    ['memory', 'memory', bytesText],
    ['cpu', 'cpu', percentText],
    ['req/s', 'requestsPerSecond', rateText],
  ];
  const parts = show.flatMap(([name, measure, text]): Part[] => {
    const total = totalOf(status.workers, measure);
    if (total === undefined) return [];
    const spark = sparkline(history.total[measure], sparkWidth, least[measure], look.unicode);
    return [`  ${name} ${text(total)} `, [spark, 'cyan']];
  });
  return parts.length === 0 ? '' : line([['total', 'bold'], ...parts], look);
}

function logsOf(logs: readonly LogLine[], room: number, look: Look): string[] {
  if (room <= 0) return [];
  return logs.slice(-room).map(({ time, stream, slot, line: text }) => {
    const when = time === undefined ? '' : `${clockText(time)} `;
    const who = `${stream}${slot === undefined ? '' : ` ${slot}`} | `;
    return line([[when, 'dim'], [who, stream === 'stderr' ? 'red' : 'blue'], text], look);
  });
}

function helpOf(look: Look): string[] {
  const keys = [
    ['q', 'quit, as Ctrl-C does; the server goes on'],
    ['?', 'this help, and back'],
    ...actions.map(({ key, name, question }) => [key, `${name}: ${question}`]),
  ];
  return [
    ...keys.map(([key = '', what = '']) => line([[key, 'bold'], `  ${what}`], look)),
    '',
    line(['Each of the last asks before it does anything; y does it, and any other key does not.'], look),
  ];
}

function footOf({ asked, message }: TopModel, look: Look): string[] {
  if (asked) return [line([[`${asked.question} y/n`, 'yellow']], look)];
  const keys: Part[] = [...actions.map(({ key, name }) => [key, name]), ['?', 'help'], ['q', 'quit']].flatMap(
    ([key = '', name = '']): Part[] => [[key, 'bold'], ` ${name}  `],
  );
  return [...(message === null ? [] : [line([[message.split('\n')[0] ?? '', 'yellow']], look)]), line(keys, look)];
}
