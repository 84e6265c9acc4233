#!/usr/bin/env node
import { isForegroundReader, wantsForeground } from './argv.ts';
import { startEarly } from './early.ts';
import { withHomeAndShell } from './home.ts';

// Nothing but Node's own modules may be imported above: in the foreground this process becomes the supervisor.
const argv = process.argv.slice(2);
if (wantsForeground(argv) && !isForegroundReader()) {
  const { runInForeground } = await import('./foreground.ts');
  await runInForeground(argv);
} else {
  if (!isForegroundReader()) startEarly(argv);
  const { runProgram } = await withHomeAndShell(() => import('./program.ts'));
  await runProgram(argv);
}
