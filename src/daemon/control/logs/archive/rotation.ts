import { constants, type Stats } from 'node:fs';
import path from 'node:path';
import { errorCode, keepOwner, remove, type System } from '../system.ts';
import type { Archives } from './archives.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;

/** Milliseconds after which a rotation that is not over is taken for that of a killed process: seen to last, and by its age. */
const staleAfter = 1000;
const abandonedAfter = 10_000;

/** busy: another daemon rotates this log right now. replaced: the path is another file by now. */
export type RotationResult = { fd: number; archive: string } | 'busy' | 'replaced';

/**
 * Rotates one log so that its path is a readable file at every instant: the current file gets its archive name as a second
 * name, and a fresh file is renamed over the path. The fresh file has a fixed hidden name and is made exclusively: it is also
 * the lock against a second daemon on the same path, and the rename lets it go.
 */
export class Rotation {
  readonly #system: System;
  readonly path: string;
  readonly #fresh: string;
  readonly #archives: Archives;
  /** Archives that were the current file itself at the start: their rotation was cut between link and rename. */
  #doubles: string[];
  /** The lock of another daemon, as it was seen first. */
  #blocker: { file: Stats; since: number } | undefined;

  constructor(system: System, file: string, archives: Archives, doubles: string[]) {
    this.#system = system;
    this.path = file;
    this.#fresh = path.join(path.dirname(file), `.${path.basename(file)}.new`);
    this.#archives = archives;
    this.#doubles = doubles;
  }

  /** `current`: the file that is open. Throws when the disk refuses, or a stale lock stays; everything is then as before. */
  rotate(current: Stats): RotationResult {
    const { fs } = this.#system;
    const fd = this.#lock();
    if (fd === undefined) return 'busy';
    try {
      const found = fs.statSync(this.path, { throwIfNoEntry: false });
      if (!found || !isSame(found, current)) {
        remove(this.#system, this.#fresh);
        fs.closeSync(fd);
        return 'replaced';
      }
      keepOwner(this.#system, fd, current);
      this.#removeDoubles(current);
      const archive = this.#archives.link(this.path);
      this.#putInPlace(archive);
      return { fd, archive };
    } catch (error) {
      remove(this.#system, this.#fresh);
      fs.closeSync(fd);
      throw error;
    }
  }

  /** The fresh file of a rotation that a killed process left behind. */
  removeAbandoned(): void {
    const { fs, now } = this.#system;
    const found = fs.lstatSync(this.#fresh, { throwIfNoEntry: false });
    if (found && now() - found.mtimeMs > abandonedAfter) remove(this.#system, this.#fresh);
  }

  #lock(): number | undefined {
    const { fs } = this.#system;
    try {
      const fd = fs.openSync(this.#fresh, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
      this.#blocker = undefined;
      return fd;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      this.#removeStale();
      return undefined;
    }
  }

  /** Throws when it cannot be removed. */
  #removeStale(): void {
    const { fs } = this.#system;
    const found = fs.lstatSync(this.#fresh, { throwIfNoEntry: false });
    if (!found) return;
    // Nobody writes to a lock: with another time, it is another one, to which the inode of an archive that is gone was given.
    if (!this.#blocker || !isSame(this.#blocker.file, found) || this.#blocker.file.mtimeMs !== found.mtimeMs) {
      this.#blocker = { file: found, since: performance.now() };
    } else if (performance.now() - this.#blocker.since > staleAfter) {
      this.#removeLock();
    }
  }

  #removeLock(): void {
    try {
      this.#system.fs.unlinkSync(this.#fresh);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return;
      throw new Error(`${this.#fresh} is in the way: ${(error as Error).message}`, { cause: error });
    }
  }

  #removeDoubles(current: Stats): void {
    for (const double of this.#doubles) {
      const found = this.#system.fs.statSync(double, { throwIfNoEntry: false });
      if (found && isSame(found, current)) remove(this.#system, double);
    }
    this.#doubles = [];
  }

  #putInPlace(archive: string): void {
    try {
      this.#system.fs.renameSync(this.#fresh, this.path);
    } catch (error) {
      this.#archives.unlink(archive, this.path);
      throw error;
    }
  }
}

export function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}
