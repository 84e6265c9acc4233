import fs, { type Stats } from 'node:fs';

/** What the logs ask of the operating system: tests replace single calls to inject faults. */
export interface System {
  fs: Pick<
    typeof fs,
    | 'closeSync'
    | 'createReadStream'
    | 'createWriteStream'
    | 'fchmodSync'
    | 'fchownSync'
    | 'fstatSync'
    | 'fsync'
    | 'ftruncateSync'
    | 'futimesSync'
    | 'linkSync'
    | 'lstatSync'
    | 'mkdirSync'
    | 'openSync'
    | 'readSync'
    | 'readdirSync'
    | 'readlinkSync'
    | 'realpathSync'
    | 'renameSync'
    | 'statSync'
    | 'unlinkSync'
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

/** Gives an open file the owner (where that is allowed) and the mode of the one that it follows: by path it may be another by now. */
export function keepOwner({ fs }: System, fd: number, of: Stats): void {
  try {
    fs.fchownSync(fd, of.uid, of.gid);
  } catch {
    // Only root may give files away.
  }
  fs.fchmodSync(fd, of.mode & 0o7777);
}
