import { accessSync, closeSync, constants, mkdirSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StartConfig } from '../config.ts';

/** Makes the folders of all files, and sees that the logs can be written. Throws with the path that is in the way. */
export function prepareFiles({ ipcFile, pidFile, logs }: StartConfig): void {
  for (const file of [ipcFile, pidFile]) {
    mkdirSync(dirname(file), { recursive: true });
    accessSync(dirname(file), constants.W_OK);
  }
  for (const log of new Set([logs.daemon, logs.stdout, logs.stderr])) {
    if (log === '/dev/null' || log === '-') continue;
    mkdirSync(dirname(log), { recursive: true });
    closeSync(openSync(log, 'a'));
  }
}

/** By a file beside it and a rename: who reads the pid file finds a whole number in it, at any time. */
export function writePidFile(pidFile: string): void {
  const beside = `${pidFile}.${process.pid}`;
  writeFileSync(beside, `${process.pid}\n`);
  renameSync(beside, pidFile);
}

export function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {}
}
