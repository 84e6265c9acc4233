import path from 'node:path';
import { errorCode, remove, type System } from './system.ts';

/** One archive of a log, in whatever state its files are. */
export interface Archive {
  /** Path without `.gz`: `/var/log/stdout-2026-11-22T10-15-30-123Z.log`. */
  plain: string;
  hasPlain: boolean;
  hasGzip: boolean;
  /** Half-written gzips: `NAME.gz.PID-N.part`. */
  parts: string[];
}

const stamp = String.raw`\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z`;
const suffix = String.raw`(?:(\.gz)|((?:\.gz)?(?:\.\d+-\d+)?\.part))?`;

/** Milliseconds that names may be ahead of the clock, so that their order is that of the rotations when many come in one. */
const orderSlack = 60_000;

/** What link(2) answers on file systems without hard links, or (EPERM) for a file of somebody else. */
const withoutHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** The archives beside a log: how they are named, found and removed. Only names that are exactly ours are ever touched. */
export class Archives {
  readonly #system: System;
  readonly #keep: number | null;
  readonly #folder: string;
  readonly #stem: string;
  readonly #extension: string;
  readonly #pattern: RegExp;
  /** Those made by this process, numbered: with a clock that was set back, the newest one has not the latest name. */
  readonly #made = new Map<string, number>();
  #count = 0;
  /** Time in the last name. */
  #last = Number.NEGATIVE_INFINITY;

  /** `log`: path of the current log; `keep`: how many archives may stay, null: all. */
  constructor(system: System, log: string, keep: number | null) {
    const { dir, name, ext } = path.parse(log);
    this.#system = system;
    this.#keep = keep;
    this.#folder = dir;
    this.#stem = name;
    this.#extension = ext;
    this.#pattern = new RegExp(`^(${escapePattern(name)}-${stamp}${escapePattern(ext)})${suffix}$`);
  }

  /**
   * Gives the current log a second name: that of an archive of now, or of the next millisecond that no archive has.
   * Where there are no hard links, it is renamed instead. Throws what the OS throws.
   */
  link(current: string): string {
    const now = this.#system.now();
    const follows = this.#last >= now && this.#last - now < orderSlack;
    for (let time = follows ? this.#last + 1 : now; ; time++) {
      const archive = path.join(this.#folder, this.#nameAt(time));
      if (!this.#exists(archive) && !this.#exists(`${archive}.gz`) && this.#linkAs(current, archive)) {
        this.#last = time;
        if (this.#keep !== null) this.#made.set(archive, this.#count++);
        return archive;
      }
    }
  }

  /** Takes `link` back: the current log has its own name alone again. */
  unlink(archive: string, current: string): void {
    this.#made.delete(archive);
    if (this.#exists(current)) remove(this.#system, archive);
    else this.#system.fs.renameSync(archive, current);
  }

  /** Oldest first. */
  list(): Archive[] {
    const found = new Map<string, Archive>();
    for (const file of this.#system.fs.readdirSync(this.#folder)) {
      const [, name, gzip, part] = this.#pattern.exec(file) ?? [];
      if (name === undefined) continue;
      const plain = path.join(this.#folder, name);
      const archive = found.get(plain) ?? { plain, hasPlain: false, hasGzip: false, parts: [] };
      found.set(plain, archive);
      if (part) archive.parts.push(path.join(this.#folder, file));
      else if (gzip) archive.hasGzip = true;
      else archive.hasPlain = true;
    }
    return [...found.values()].sort((a, b) => this.#number(a) - this.#number(b) || (a.plain < b.plain ? -1 : 1));
  }

  /** Removes the oldest ones over the number to keep. */
  trim(): void {
    if (this.#keep === null) return;
    const archives = this.list().filter((archive) => archive.hasPlain || archive.hasGzip);
    for (const { plain, hasPlain, hasGzip } of archives.slice(0, Math.max(0, archives.length - this.#keep))) {
      if (hasPlain) remove(this.#system, plain);
      if (hasGzip) remove(this.#system, `${plain}.gz`);
      this.#made.delete(plain);
    }
  }

  #linkAs(current: string, archive: string): boolean {
    const { fs } = this.#system;
    try {
      fs.linkSync(current, archive);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      if (!withoutHardLinks.has(errorCode(error))) throw error;
      fs.renameSync(current, archive);
      return true;
    }
    // Another daemon on this log may have gzipped its own archive of this name since it was looked for.
    if (!this.#exists(`${archive}.gz`)) return true;
    remove(this.#system, archive);
    return false;
  }

  #nameAt(time: number): string {
    return `${this.#stem}-${new Date(time).toISOString().replaceAll(/[:.]/g, '-')}${this.#extension}`;
  }

  #number({ plain }: Archive): number {
    return this.#made.get(plain) ?? -1;
  }

  #exists(file: string): boolean {
    return this.#system.fs.statSync(file, { throwIfNoEntry: false }) !== undefined;
  }
}

/** RegExp.escape needs Node 24. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
