import type { ChangedVariables, Changes, Preview, ReleaseEntry, Releases } from '../../protocol/release-schemas.ts';

/** What `releases` prints: a line for each, and below it what it changed against the one before. */
export function releasesText({ releases }: Releases): string {
  const rows = releases.map((entry) => cellsOf(entry));
  const [header, ...lines] = columns([['RELEASE', 'STATE', 'DEPLOYED', 'SERVED', 'WORKERS', 'SCRIPT'], ...rows]);
  const more = releases.map((entry, index) =>
    notesOf(entry, formerOf(releases.slice(index + 1))).map((note) => `         ${note}`),
  );
  return [header, ...lines.flatMap((line, index) => [line, ...(more[index] ?? [])])].join('\n');
}

/** What a deploy that only says so would change. */
export function previewText({ current, release, changes }: Preview): string {
  const lines = Object.entries(changes).map(([name, change]) => `  ${changeText(name as keyof Changes, change)}`);
  const what = lines.length === 0 ? ['  nothing: it is the same once more'] : lines;
  return [`release ${release} would replace release ${current}:`, ...what, 'nothing was changed'].join('\n');
}

function cellsOf({ release, state, reason, time, served, workerCount, resolvedScript }: ReleaseEntry): string[] {
  const ended = reason === undefined ? state : `${state}: ${reason}`;
  const hasServed = served > 0 || state === 'serving';
  return [
    String(release),
    ended,
    timeText(time),
    hasServed ? spanText(served) : '',
    String(workerCount),
    resolvedScript,
  ];
}

/** That which was current when the next newer one began. */
const formerOf = (older: ReleaseEntry[]): ReleaseEntry | undefined =>
  older.find(({ state }) => state === 'serving' || state === 'replaced');

/** `before`: without it everything is told. */
function notesOf(entry: ReleaseEntry, before: ReleaseEntry | undefined): string[] {
  const differs = (member: 'script' | 'resolvedCwd' | 'args' | 'nodeArgs') =>
    String(before?.[member]) !== String(entry[member]);
  const environment = entry.type === 'boot' ? '' : variablesText(entry.environment);
  return [
    ...(entry.type === 'rollback' ? [`rollback to release ${entry.of}`] : []),
    ...(differs('script') && entry.script !== entry.resolvedScript ? [`given as ${entry.script}`] : []),
    ...(differs('resolvedCwd') ? [`in ${entry.resolvedCwd}`] : []),
    ...(differs('args') && isTold(entry.args, before) ? [`arguments: ${wordsText(entry.args)}`] : []),
    ...(differs('nodeArgs') && isTold(entry.nodeArgs, before) ? [`node arguments: ${wordsText(entry.nodeArgs)}`] : []),
    ...(environment === '' ? [] : [`environment: ${environment}`]),
  ];
}

/** That there are none is said only where there were some. */
const isTold = (words: string[], before: ReleaseEntry | undefined): boolean => words.length > 0 || before !== undefined;

const titles: Record<keyof Changes, string> = {
  script: 'script',
  resolvedScript: 'script, links resolved',
  cwd: 'directory',
  resolvedCwd: 'directory, links resolved',
  args: 'arguments',
  nodeArgs: 'node arguments',
  workerCount: 'workers',
  environment: 'environment',
};

function changeText(name: keyof Changes, change: Changes[keyof Changes]): string {
  if (change === undefined) return '';
  if (!('from' in change)) return `${titles[name]}: ${variablesText(change)}`;
  const [from, to] = [change.from, change.to].map((value) => (Array.isArray(value) ? wordsText(value) : String(value)));
  return `${titles[name]}: ${from} → ${to}`;
}

function variablesText(environment: ChangedVariables): string {
  const told = Object.entries(environment).filter(([, names]) => names.length > 0);
  return told.map(([how, names]) => `${how} ${names.join(', ')}`).join('; ');
}

/** As for a shell, where a word alone would not be one. */
function wordsText(words: string[]): string {
  if (words.length === 0) return 'none';
  return words.map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/** Numbers to the right, words to the left, and nothing behind the last column. */
function columns(rows: string[][]): string[] {
  const isNumber = (column: number) => rows.slice(1).every((row) => /^\d*$/.test(row[column] ?? ''));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** By the clock of whoever reads it. */
function timeText(time: string): string {
  const date = new Date(time);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** Of seconds, in the largest unit of which there are two or more, or one and a half: `90 s`, `25 min`, `49 h`. */
function spanText(seconds: number): string {
  const [unit, length] = units.find(([, length]) => seconds >= 2 * length) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}
