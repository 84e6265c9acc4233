import { afterAll, expect, it } from 'vitest';
import { Naught } from '../support/naught.ts';
import { rows } from './rows.ts';
import { table } from './table.ts';
import { moreDescriptors, type Result } from './trial.ts';

/** `npm run bench:faults` has the full form (1; a smaller number: that part of it), and prints the table. */
const part = Number(process.env.FAULTS ?? 0);
const rowMs = part > 0 ? 3_600_000 : 180_000;
const results = new Map<string, Result | string>();

for (const { fault, times, obstacle, run } of rows) {
  it(`serves on and loses no line: ${fault}`, { timeout: rowMs }, async ({ skip }) => {
    const reason = obstacle?.();
    if (reason) {
      results.set(fault, reason);
      skip(reason);
    }
    await using naught = await Naught.withPort();
    const count = part > 0 ? Math.ceil(part * times[1]) : times[0];
    const result = await run(naught, count);
    results.set(`${fault}${count > 1 ? ` (${count})` : ''}`, result);
    const { refused = 0, hung = 0, ...cut } = result.lost;
    expect({ refused, hung, ...result.lines }).toMatchObject({ refused: 0, hung: 0, missing: 0, twice: 0 });
    expect(Object.values(cut).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(result.mayLose);
    for (const [before, after] of [result.supervisor, result.control]) {
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + moreDescriptors);
      expect(after.megabytes).toBeLessThanOrEqual(before.megabytes + 40);
    }
  });
}

afterAll(() => {
  if (part > 0) console.log(table(results));
});
