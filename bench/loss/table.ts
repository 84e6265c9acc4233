import type { CellResult } from './cell.ts';

const lossesShown = 10;

/** Results by the name of the kind and that of the event. */
export type Results = Map<string, Map<string, CellResult>>;

/** A Markdown table: a row for each kind, a column for each event, `requests / lost` in the cells. */
export function table(kinds: string[], events: string[], results: Results): string {
  const rows = kinds.map((kind) => [kind, ...events.map((event) => cellText(results.get(kind)?.get(event)))]);
  const all = [['requests / lost', ...events], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = all;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n');
}

function cellText(result: CellResult | undefined): string {
  if (!result) return '';
  return `${result.tally.ok} / ${result.lost}${result.forbidden > 0 ? ' !' : ''}`;
}

/** Every loss, by what it was; empty when nothing was lost. */
export function losses(results: Results): string {
  const lines: string[] = [];
  for (const [kind, events] of results) {
    for (const [event, { lost, inside, forbidden, outside, tally }] of events) {
      if (lost === 0) continue;
      const { refused, reset, empty, torn, hung } = tally;
      const what = Object.entries({ refused, reset, empty, torn, hung }).filter(([, times]) => times > 0);
      const counts = what.map(([outcome, times]) => `${times} ${outcome}`).join(', ');
      const verdict = forbidden > 0 ? `${forbidden} FORBIDDEN` : 'allowed';
      lines.push(`${kind}, ${event}: ${counts} (${inside} inside a killed worker; ${verdict})`);
      if (forbidden > 0) lines.push(...outside.slice(0, lossesShown).map((loss) => `    ${lossText(loss)}`));
    }
  }
  return lines.join('\n');
}

function lossText({ at, outcome, port, detail, why }: CellResult['outside'][number]): string {
  return `${new Date(at).toISOString()} ${outcome} on port ${port}, ${detail}: ${why}`;
}
