import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { errorCode, keepOwner, remove, type System } from '../system.ts';
import { PartFiles } from './part-files.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** A third of the CPU of level 6 at nearly the same size. */
const level = 3;
/** Milliseconds before all are tried again, when the disk was full, say, and before one that could not be gzipped. */
const pauseOfAll = 5000;
const pauseOfOne = 60_000;
/** Errors that every other archive would meet as well. */
const errorsOfAll = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE']);
/** Milliseconds between a rotation and its gzip: another daemon on this log may have been just about to write. */
const settle = 100;

/**
 * Gzips archives in the background, one at a time: to a `.part`, which is renamed when it is on disk, and only then is the plain
 * one removed. Whatever is cut short is found and done again at the next start.
 */
export class GzipQueue {
  readonly #system: System;
  readonly #report: (text: string) => void;
  readonly #waiting: { archive: string; from: number }[] = [];
  /** Archives that could not be gzipped, and were said to be so; they are tried again by `#retry`. */
  readonly #failed = new Set<string>();
  readonly #partFiles: PartFiles;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pause: NodeJS.Timeout | undefined;
  #allFail = false;

  constructor(system: System, report: (text: string) => void) {
    this.#system = system;
    this.#report = report;
    this.#partFiles = new PartFiles(system);
  }

  /** `settleMs`: how long somebody may still be writing a last line to it. */
  enqueue(archive: string, settleMs = settle): void {
    if (this.#abort.signal.aborted) return;
    this.#waiting.push({ archive, from: performance.now() + settleMs });
    this.#run();
  }

  /** Removes half-written gzips, but not those that another living daemon writes. */
  removePartFiles(files: string[]): void {
    for (const file of files) this.#partFiles.remove(file);
  }

  /** Goes on for at most `waitMs`; what is left then stays plain. */
  async close(waitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), waitMs);
    await this.#running;
    clearTimeout(timer);
    clearTimeout(this.#retry);
    clearTimeout(this.#pause);
    this.#partFiles.close();
    this.#abort.abort();
  }

  #run(): void {
    if (this.#running || this.#pause) return;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      if (this.#waiting.length > 0 && !this.#abort.signal.aborted) this.#run();
    });
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const { signal } = this.#abort;
      try {
        await wait(Math.max(0, next.from - performance.now()), undefined, { signal });
        await this.#gzip(next.archive);
        this.#allFail = false;
        this.#failed.delete(next.archive);
      } catch (error) {
        if (signal.aborted) return;
        if (errorsOfAll.has(errorCode(error))) return this.#tryAllLater(next.archive, error);
        if (this.#isGone(next.archive)) this.#failed.delete(next.archive);
        else this.#tryLater(next.archive, error);
      }
      this.#waiting.shift();
    }
  }

  async #gzip(archive: string): Promise<void> {
    const { fs } = this.#system;
    const input = fs.openSync(archive, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      await this.#gzipOpen(archive, input);
    } finally {
      fs.closeSync(input);
    }
    remove(this.#system, archive);
  }

  /** Somebody else may write to the folder: no name in it can be known before, and none is used twice. */
  async #gzipOpen(archive: string, input: number): Promise<void> {
    const { fs } = this.#system;
    const before = fs.fstatSync(input);
    if (!before.isFile()) throw new Error('it is no file');
    const part = `${archive}.gz.${process.pid}-${randomBytes(8).toString('hex')}.part`;
    const output = fs.openSync(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      for (let length = -1; length !== fs.fstatSync(input).size; ) {
        // Again when it has grown meanwhile.
        fs.ftruncateSync(output, 0);
        length = await this.#compress(archive, input, output);
      }
      keepOwner(this.#system, output, before);
      fs.futimesSync(output, before.atime, before.mtime);
      fs.renameSync(part, `${archive}.gz`);
    } catch (error) {
      remove(this.#system, part);
      throw error;
    } finally {
      fs.closeSync(output);
    }
  }

  /** Returns the number of bytes that were read. */
  async #compress(archive: string, input: number, output: number): Promise<number> {
    const { fs } = this.#system;
    const from = fs.createReadStream(archive, { fd: input, start: 0, autoClose: false });
    const to = fs.createWriteStream('', { fd: output, start: 0, autoClose: false });
    try {
      await pipeline(from, createGzip({ level }), to, { signal: this.#abort.signal });
    } finally {
      // One that is cut short may be in the midst of a call with its descriptor, which is closed next.
      for (const stream of [from, to]) if (stream.destroyed && !stream.closed) await once(stream, 'close');
    }
    await promisify(fs.fsync)(output);
    return from.bytesRead;
  }

  #tryAllLater(archive: string, error: unknown): void {
    if (!this.#allFail) this.#say(archive, error);
    this.#allFail = true;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#run();
    }, pauseOfAll).unref();
  }

  #tryLater(archive: string, error: unknown): void {
    if (!this.#failed.has(archive)) this.#say(archive, error);
    this.#failed.add(archive);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      for (const each of this.#failed) this.enqueue(each, 0);
    }, pauseOfOne).unref();
  }

  #say(archive: string, error: unknown): void {
    this.#report(`${archive} is not gzipped yet: ${(error as Error).message}`);
  }

  #isGone(archive: string): boolean {
    try {
      return this.#system.fs.statSync(archive, { throwIfNoEntry: false }) === undefined;
    } catch {
      return false;
    }
  }
}
