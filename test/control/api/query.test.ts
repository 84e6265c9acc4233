import { expect, test } from 'vitest';
import { decodeQuery } from '../../../src/daemon/control/api/query.ts';
import { LogsParams } from '../../../src/protocol/log-schemas.ts';

test.each([
  [{ lines: '5' }, { lines: 5 }],
  [{ lines: 'all' }, { lines: 'all' }],
  [{ lines: '5x' }, { lines: '5x' }],
  [{ lines: '' }, { lines: '' }],
  [{ lines: '0x10' }, { lines: '0x10' }],
  [{ lines: '-1' }, { lines: -1 }],
  [{ worker: '1.5' }, { worker: 1.5 }],
  [{ follow: 'true' }, { follow: true }],
  [{ follow: 'false' }, { follow: false }],
  [{ follow: '1' }, { follow: '1' }],
  [{ stream: 'stdout' }, { stream: 'stdout' }],
  [{ lines: ['1', '2'] }, { lines: ['1', '2'] }],
  [{ verbose: 'true' }, { verbose: 'true' }],
])('reads %j as the schema means it', (query, params) => {
  expect(decodeQuery(query, LogsParams)).toEqual(params);
});
