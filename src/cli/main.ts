#!/usr/bin/env node
import { withHomeAndShell } from './home.ts';
import { isForegroundReader, wantsForeground } from './input/argv.ts';
import { startEarly } from './start/early.ts';

// Nothing but Node's own modules may be imported above: in the foreground this process becomes the supervisor.
const argv = process.argv.slice(2);
if (wantsForeground(argv) && !isForegroundReader()) {
  const { runInForeground } = await import('./start/foreground.ts');
  await runInForeground(argv);
} else {
  if (!isForegroundReader()) startEarly(argv);
  const { runProgram } = await withHomeAndShell(() => import('./program.ts'));
  await runProgram(argv);
}
