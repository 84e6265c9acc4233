import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whyUnreachable } from '../../src/cli/output/unreachable.ts';
import { noAnswerInTime } from '../../src/protocol/client.ts';
import { CallError } from '../../src/protocol/errors.ts';
import { temporaryFolder } from './support/control.ts';

const late = new CallError('unavailable', 'no answer', { code: noAnswerInTime });

test('a daemon that does not answer is told with its pid, and what to do', () => {
  const folder = temporaryFolder();
  const why = () => whyUnreachable(late, 'naught.ipc', join(folder, 'naught.ipc'), undefined);
  expect(why()).toMatchObject({
    message: expect.stringMatching(/does not answer: its pid is in its pid-file; .*`kill -KILL PID`/),
  });
  const { title } = process;
  process.title = 'naught: supervisor x';
  try {
    writeFileSync(join(folder, 'naught.pid'), `${process.pid}\n`);
    const told = `does not answer: pid ${process.pid} by its pid-file \`${join(folder, 'naught.pid')}\``;
    expect(why()).toMatchObject({ kind: 'unavailable', message: expect.stringContaining(told) });
  } finally {
    process.title = title;
  }
});

test('any other error is left as it is', () => {
  const error = new CallError('deploy-failed', 'boom');
  expect(whyUnreachable(error, 'naught.ipc', '/naught.ipc', undefined)).toBe(error);
});
