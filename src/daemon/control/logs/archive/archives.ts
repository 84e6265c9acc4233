import path from 'node:path';
import { errorCode, remove, type System } from '../system.ts';

/** One archive of a log, in whatever state its files are. */
export interface Archive {
  /** Path without `.gz`: `/var/log/stdout-2026-11-22T10-15-30-123Z.log`. */
  plain: string;
  hasPlain: boolean;
  hasGzip: boolean;
  /** Half-written gzips: `NAME.gz.PID-RANDOM.part`. */
  partFiles: string[];
}

const stamp = String.raw`\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z`;
const suffix = String.raw`(?:(\.gz)|((?:\.gz)?(?:\.\d+-[0-9a-f]+)?\.part))?`;

/** Names in a row that another daemon had before, after which the folder is looked through for the latest one. */
const manyTaken = 20;

/** What link(2) answers on file systems without hard links, or (EPERM) for a file of somebody else. */
const withoutHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * The archives beside a log: how they are named, found and removed. Only names that are exactly ours are ever touched. The order of
 * the names is that of the rotations: a name is later than all that were there before, even when the clock was set back.
 */
export class Archives {
  readonly #system: System;
  readonly #folder: string;
  readonly #stem: string;
  readonly #extension: string;
  readonly #pattern: RegExp;
  /** Time in the latest name that was found, made or tried. */
  #latest = Number.NEGATIVE_INFINITY;

  /** `log`: path of the current log. */
  constructor(system: System, log: string) {
    const { dir, name, ext } = path.parse(log);
    this.#system = system;
    this.#folder = dir;
    this.#stem = name;
    this.#extension = ext;
    this.#pattern = new RegExp(`^(${escapePattern(name)}-${stamp}${escapePattern(ext)})${suffix}$`);
  }

  /**
   * Gives the current log a second name: that of an archive of now, or of the first millisecond after the latest archive. Where
   * there are no hard links, it is renamed instead. Throws what the OS throws.
   */
  link(current: string): string {
    const now = this.#system.now();
    for (let taken = 0; ; taken++) {
      if (taken === manyTaken) this.#catchUp();
      this.#latest = Math.max(now, this.#latest + 1);
      const archive = path.join(this.#folder, this.#nameAt(this.#latest));
      if (!this.#exists(archive) && !this.#exists(`${archive}.gz`) && this.#linkAs(current, archive)) return archive;
    }
  }

  /** Takes `link` back: the current log has its own name alone again. */
  unlink(archive: string, current: string): void {
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
      const archive = found.get(plain) ?? { plain, hasPlain: false, hasGzip: false, partFiles: [] };
      found.set(plain, archive);
      if (part) archive.partFiles.push(path.join(this.#folder, file));
      else if (gzip) archive.hasGzip = true;
      else archive.hasPlain = true;
    }
    const archives = [...found.values()].sort((a, b) => (a.plain < b.plain ? -1 : 1));
    this.#latest = Math.max(this.#latest, this.#timeOfNewest(archives));
    return archives;
  }

  /** Removes its files, which may be gone already. Throws what the OS throws. */
  remove({ plain, hasPlain, hasGzip }: Archive): void {
    for (const file of [...(hasPlain ? [plain] : []), ...(hasGzip ? [`${plain}.gz`] : [])]) {
      try {
        this.#system.fs.unlinkSync(file);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    }
  }

  #catchUp(): void {
    try {
      this.list();
    } catch {
      // A folder that cannot be listed: the next name is tried, and the next.
    }
  }

  #timeOfNewest(archives: Archive[]): number {
    const newest = archives.findLast((archive) => !Number.isNaN(this.#timeOf(archive)));
    return newest ? this.#timeOf(newest) : Number.NEGATIVE_INFINITY;
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

  /** The time that its name tells; NaN when that is no date. */
  #timeOf({ plain }: Archive): number {
    const stamp = path.basename(plain, this.#extension).slice(this.#stem.length + 1);
    return Date.parse(stamp.replace(/-(\d\d)-(\d\d)-(\d{3}Z)$/, ':$1:$2.$3'));
  }

  #exists(file: string): boolean {
    return this.#system.fs.statSync(file, { throwIfNoEntry: false }) !== undefined;
  }
}

/** RegExp.escape needs Node 24. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
