import type { Costs, Result } from './trial.ts';

const heads = ['fault', 'requests / lost', 'lines / lost', 'status, deploy after it', 'supervisor', 'control'];

/** A Markdown table of what became of requests, lines, the next commands, memory and descriptors. A string: why it was not tried. */
export function table(results: Map<string, Result | string>): string {
  const rows = [...results].map(([fault, result]) => [fault, ...cells(result)]);
  return [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cells(result: Result | string): string[] {
  if (typeof result === 'string') return [`not tried: ${result}`, '', '', '', ''];
  const { answered, lost, lines, status, deploy, supervisor, control } = result;
  const cut = Object.entries(lost).map(([what, count]) => `${count} ${what}`);
  const missing = lines.missing + lines.twice === 0 ? '0' : `${lines.missing}, ${lines.twice} twice`;
  return [
    `${answered} / ${cut.join(', ') || 0}`,
    `${lines.written} / ${missing}`,
    `${status.toFixed(1)} s, ${deploy.toFixed(1)} s`,
    costs(supervisor),
    costs(control),
  ];
}

function costs([before, after]: [Costs, Costs]): string {
  const { megabytes, descriptors } = before;
  return `${megabytes} → ${after.megabytes} MB, ${descriptors} → ${after.descriptors} descriptors`;
}
