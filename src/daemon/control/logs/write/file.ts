import { constants, type Stats } from 'node:fs';
import path from 'node:path';
import { lineEnd, newline } from '../../../../protocol/lines.ts';
import { openLog } from '../../../open-log.ts';
import { Archives } from '../archive/archives.ts';
import type { GzipQueue } from '../archive/gzip-queue.ts';
import { Retention } from '../archive/retention.ts';
import { isSame, Rotation } from '../archive/rotation.ts';
import type { Files } from '../read/history.ts';
import { keepOwner, type System } from '../system.ts';
import type { Target, Written } from './target.ts';

const endOfLine = Buffer.from('\n');
/** A multiple of this is one of every page size. */
const pageSize = 4096;
/** Milliseconds before a rotation is tried again: after one of another daemon, and after the disk refused. */
const busyPause = 1;
const failurePause = 1000;

export interface FileOptions {
  system: System;
  maxSize: number;
  keep: number | null;
  gzip: GzipQueue;
  /** The process that wrote it before was killed. */
  restarted: boolean;
  /** That one left a line torn. */
  onTorn(): void;
  /** A rotation failed, and did not the time before; the log goes on in the current file. */
  onRotationError: (error: unknown) => void;
  /** The archives over the number to keep cannot be removed, and could the time before. */
  onTrimError: (error: unknown) => void;
}

/**
 * The current log: always the file at the given path, found again on every write, and rotated at the end of the line that
 * passes the size. What is no regular file (a FIFO, /dev/full) is written to and left alone otherwise. One that cannot be opened
 * (a full disk, a folder in its place, a FIFO that nobody reads) is tried again by `write` and `follow`, which say why not.
 */
export class LogFile implements Target {
  readonly path: string;
  readonly #options: FileOptions;
  readonly #system: System;
  #fd = -1;
  /** The open file, as it was when it was opened. */
  #file!: Stats;
  /** What others append or cut counts too. */
  #size = 0;
  #rotation: Rotation | undefined;
  #archives: Archives | undefined;
  #retention: Retention | undefined;
  #rotateAfter = 0;
  #rotationFails = false;
  #mayBeTorn: boolean;

  constructor(file: string, options: FileOptions) {
    this.path = file;
    this.#options = options;
    this.#system = options.system;
    this.#mayBeTorn = options.restarted;
    try {
      this.#ready();
    } catch {}
  }

  write(chunk: Buffer, endsLine: boolean): Written {
    let taken = 0;
    try {
      while (taken < chunk.length) {
        this.#ready();
        const end = this.#cut(chunk, taken);
        while (taken < end) taken += this.#writeSome(chunk, taken, end);
        const atLineEnd = chunk[taken - 1] === newline || (endsLine && taken === chunk.length);
        if (atLineEnd && this.#size > this.#options.maxSize) this.#rotate();
      }
      return { taken };
    } catch (error) {
      return { taken, error };
    }
  }

  /** Finds the file at the path again after somebody's rm, mv or truncation. Throws when it cannot be opened. */
  follow(): void {
    if (this.#fd < 0) return this.#open();
    if (!this.#rotation) return;
    const found = this.#system.fs.statSync(this.path, { throwIfNoEntry: false });
    if (found && isSame(found, this.#file)) this.#size = found.size;
    else this.#open();
  }

  /** Opens what is at the path now, for an outside logrotate. Throws when it cannot. */
  reopen(): void {
    this.#open();
  }

  files(): Files | null {
    if (!this.#rotation) return null;
    const isCurrent = (archive: string) => {
      const found = this.#system.fs.statSync(archive, { throwIfNoEntry: false });
      return found !== undefined && isSame(found, this.#file);
    };
    // A rotation that was cut short leaves the current file two names.
    const archives = (this.#archives?.list() ?? []).filter(({ plain, hasPlain }) => !hasPlain || !isCurrent(plain));
    return { archives: archives.map(({ plain }) => plain), current: this.path };
  }

  close(): void {
    if (this.#fd >= 0) this.#system.fs.closeSync(this.#fd);
    this.#fd = -1;
    this.#rotation = undefined;
    this.#retention?.close();
  }

  /** Throws when it cannot be opened, or its torn line not be ended. */
  #ready(): void {
    this.follow();
    if (!this.#mayBeTorn) return;
    const torn = endTornLine(this.#system, this.path, this.#fd);
    this.#mayBeTorn = false;
    if (!torn) return;
    this.#size += 1;
    this.#options.onTorn();
  }

  #open(): void {
    const { fs } = this.#system;
    fs.mkdirSync(path.dirname(this.path), { recursive: true, mode: 0o755 });
    const { fd, isNew } = openLog(this.path, fs);
    try {
      if (isNew && this.#file?.isFile()) keepOwner(this.#system, fd, this.#file);
      this.#adopt(fd);
    } catch (error) {
      if (this.#fd !== fd) fs.closeSync(fd);
      throw error;
    }
  }

  /** From here on, `fd` is the log. A symbolic link stays one: its target is rotated, in the folder of the target. */
  #adopt(fd: number): void {
    const { fs } = this.#system;
    const file = fs.fstatSync(fd);
    const real = file.isFile() ? fs.realpathSync(this.path) : this.path;
    const former = this.#fd;
    this.#fd = fd;
    this.#file = file;
    this.#size = file.size;
    this.#rotateAfter = 0;
    if (former >= 0) fs.closeSync(former);
    if (!file.isFile()) this.#rotation = undefined;
    else if (!this.#rotation || this.#rotation.path !== real) this.#prepareRotation(real);
  }

  /** Once per path: what a killed process left half done is finished. */
  #prepareRotation(real: string): void {
    const { system, keep, gzip, onTrimError } = this.#options;
    const archives = new Archives(system, real);
    const doubles: string[] = [];
    try {
      for (const { plain, hasPlain, partFiles } of archives.list()) {
        gzip.removePartFiles(partFiles);
        if (!hasPlain) continue;
        const found = system.fs.lstatSync(plain, { throwIfNoEntry: false });
        if (found && isSame(found, this.#file)) doubles.push(plain);
        else gzip.enqueue(plain, 0);
      }
    } catch {
      // A folder that cannot be listed: its log can be written nevertheless.
    }
    this.#archives = archives;
    this.#retention?.close();
    this.#retention = keep === null ? undefined : new Retention(archives, keep, onTrimError);
    this.#retention?.trimSoon();
    this.#rotation = new Rotation(system, real, archives, doubles);
    this.#rotation.removeAbandoned();
  }

  /** Where to stop: after the line that passes the size, or at the end of the chunk. */
  #cut(chunk: Buffer, from: number): number {
    const room = Math.max(0, this.#options.maxSize - this.#size);
    if (!this.#rotation || chunk.length - from <= room || performance.now() < this.#rotateAfter) return chunk.length;
    return lineEnd(chunk, from + room) || chunk.length;
  }

  #writeSome(chunk: Buffer, from: number, end: number): number {
    const written = this.#system.fs.writeSync(this.#fd, chunk, from, end - from);
    this.#size += written;
    return written;
  }

  #rotate(): void {
    if (!this.#rotation || performance.now() < this.#rotateAfter) return;
    try {
      const result = this.#rotation.rotate(this.#file);
      if (result === 'busy') this.#rotateAfter = performance.now() + busyPause;
      else if (result === 'replaced') this.#open();
      else {
        this.#options.gzip.enqueue(result.archive);
        this.#adopt(result.fd);
        this.#retention?.trimSoon();
        this.#rotationFails = false;
      }
    } catch (error) {
      this.#rotateAfter = performance.now() + failurePause;
      if (!this.#rotationFails) this.#options.onRotationError(error);
      this.#rotationFails = true;
    }
  }
}

/**
 * Ends the line that a killed process left torn. SIGKILL cuts a write(2) to a file short, and always where a page of the file is full
 * (measured: 73 of 180 kills in a flood, all of them there); what follows would be glued to that piece. A worker's own unfinished
 * line may end there too, once in 4096 times, and gets a newline that it did not write: so this is for the file of a process
 * that was killed, at once after it, alone. Returns whether it was torn. Throws what the OS throws.
 */
function endTornLine(system: System, path: string, fd: number): boolean {
  const { fs } = system;
  const file = fs.fstatSync(fd);
  if (!file.isFile() || file.size === 0 || file.size % pageSize !== 0) return false;
  const last = Buffer.alloc(1);
  const readable = fs.openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!isSame(fs.fstatSync(readable), file)) return false;
    fs.readSync(readable, last, 0, 1, file.size - 1);
  } finally {
    fs.closeSync(readable);
  }
  if (last[0] === newline) return false;
  fs.writeSync(fd, endOfLine);
  return true;
}
