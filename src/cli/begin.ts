import { commandFirst, isForegroundReader, wantsForeground } from './input/argv.ts';
import type * as Program from './program.ts';
import type * as Early from './start/early.ts';
import { openLibrary } from './start/library.ts';
import { takeEnvironment } from './start/own-environment.ts';

// Nothing but Node's own modules may be imported above: in the foreground this process becomes the supervisor.

/** Runs the command of these words. */
export async function begin(words: readonly string[]): Promise<void> {
  const argv = commandFirst(words);
  if (!isForegroundReader()) takeEnvironment();
  if (wantsForeground(argv) && !isForegroundReader()) {
    const { runInForeground } = await import('./start/foreground.ts');
    await runInForeground(argv);
  } else {
    const { part, file } = openLibrary(argv[0] ?? 'help');
    if (argv[0] === 'start' && !isForegroundReader()) (part('early.js') as typeof Early).startEarly(argv);
    const run = await withHomeAndShell(() => (part('program.js') as typeof Program).loadProgram(file));
    await run(argv);
  }
}

/**
 * Lends HOME and SHELL to the environment while oclif loads, where it lacks them: oclif would ask the system for both, which throws
 * for a user id without a passwd entry, as containers have them. Afterwards they are gone again: a worker must not see them.
 */
async function withHomeAndShell<Value>(load: () => Promise<Value>): Promise<Value> {
  const lacking = ['HOME', 'SHELL'].filter((name) => process.env[name] === undefined);
  for (const name of lacking) process.env[name] = '/';
  try {
    return await load();
  } finally {
    for (const name of lacking) delete process.env[name];
  }
}
