import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as control from './support/control.ts';
import { naught } from './support/naught.ts';

const full = '/dev/full';

test
  .skipIf(!existsSync(full))
  .each([['version'], ['help'], ['status'], ['status', '--json'], ['logs'], ['logs', '--json']])(
  '%s %s says in one line that its output cannot be written',
  async (...args) => {
    const line = { event: 'Line', stream: 'stdout', line: 'x' };
    const { cwd } = await control.daemon({
      'GET /status': control.json(control.status()),
      'GET /logs?lines=100': control.ndjson([line, { result: { lines: 1, skipped: 0 } }]),
    });
    const stdout = openSync(full, 'w');
    const ended = await naught(args, { cwd, stdout });
    closeSync(stdout);
    expect(ended).toEqual({
      stdout: '',
      stderr: 'unable to write to stdout: ENOSPC: no space left on device\n',
      exit: 1,
    });
  },
);
