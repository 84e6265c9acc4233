import fs, { type Stats } from 'node:fs';

/** What the logs ask of the operating system: tests replace single calls to inject faults. */
export interface System {
  fs: Pick<
    typeof fs,
    | 'chmodSync'
    | 'chownSync'
    | 'closeSync'
    | 'createReadStream'
    | 'createWriteStream'
    | 'fchmodSync'
    | 'fstatSync'
    | 'linkSync'
    | 'mkdirSync'
    | 'openSync'
    | 'readSync'
    | 'readdirSync'
    | 'realpathSync'
    | 'renameSync'
    | 'statSync'
    | 'unlinkSync'
    | 'utimesSync'
    | 'writeSync'
  >;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The file descriptors that `-` means. */
  stdout: number;
  stderr: number;
}

export const realSystem: System = { fs, now: Date.now, stdout: 1, stderr: 2 };

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

/** Removes a file that may be gone already. */
export function remove(system: System, path: string): void {
  try {
    system.fs.unlinkSync(path);
  } catch {
    // What cannot be removed is found again at the next start.
  }
}

/** Sets for `path` the owner (where that is allowed) and the mode of the file that it follows. */
export function keepOwner(system: System, path: string, of: Stats): void {
  try {
    system.fs.chownSync(path, of.uid, of.gid);
  } catch {
    // Only root may give files away.
  }
  system.fs.chmodSync(path, of.mode & 0o7777);
}
