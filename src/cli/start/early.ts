import { type ChildProcess, spawn } from 'node:child_process';
import { readWords } from '../input/argv.ts';
import { supervisorPath } from '../package.ts';
import { closeInherited } from './inherited.ts';
import { ownEnvironment } from './own-environment.ts';

/**
 * The daemon's process, started before the command line is understood: Node boots there while oclif is loaded here. It does
 * nothing until it is told its configuration, and ends when the command ends without telling it.
 */
let early: ChildProcess | null = null;

/** Starts it when the words are those of a `start` that will probably need it. Loads nothing but Node's own modules. */
export function startEarly(argv: readonly string[]): void {
  const { command, options, positionals } = readWords(argv);
  if (command !== 'start' || options.has('--help') || positionals.length === 0) return;
  early = spawnDaemon();
  early.on('error', () => {});
  early.unref();
  early.channel?.unref();
}

/** The early one, or a new one, whose error then says why there is none. */
export function takeDaemon(): ChildProcess {
  const child = early?.pid ? early : spawnDaemon();
  early = null;
  child.ref();
  child.channel?.ref();
  return child;
}

function spawnDaemon(): ChildProcess {
  closeInherited();
  // At `/`, so that the daemon does not keep a directory of the user's in use.
  return spawn(process.execPath, [supervisorPath()], {
    cwd: '/',
    detached: true,
    env: ownEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
