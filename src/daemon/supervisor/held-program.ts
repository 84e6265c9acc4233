import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeCopy } from '../copies.ts';

/**
 * Where copies may be made, should they be needed: folders of this process alone. Their names are known from the beginning, so that control
 * can remove the copies of a supervisor that was killed. The environment is read now: later it is empty.
 */
const folders = [tmpdir(), '/dev/shm', '/var/tmp'].map((place) =>
  join(place, `naught-${randomBytes(8).toString('hex')}`),
);

/**
 * A program of the package that must start for as long as the daemon runs, as it was when the daemon started: the package may be
 * taken away (a pruned release, `npm ci`) or become another version, which does not go with this one. Then a copy is started.
 */
export class HeldProgram {
  readonly #identity: string | null;
  #text: Buffer | null = null;
  #copy: { path: string; identity: string | null } | null = null;

  /** `name`: of the copy. */
  constructor(
    private readonly original: string,
    private readonly name: string,
  ) {
    this.#identity = identityOf(original);
  }

  /** Where a copy may be. */
  get copies(): string[] {
    return folders.map((folder) => join(folder, this.name));
  }

  /** Reads it into memory, if that is possible now. Not needed for the first start, which it would delay. */
  hold(): void {
    if (this.#text !== null) return;
    try {
      const text = readFileSync(this.original);
      if (identityOf(this.original) === this.#identity) this.#text = text;
    } catch {
      // Without a descriptor, or replaced already: the next start tries again.
    }
  }

  /** A path to start it from now. Throws what the system says when there is no room for a copy. */
  path(): string {
    if (this.#text === null || identityOf(this.original) === this.#identity) return this.original;
    if (this.#copy === null || identityOf(this.#copy.path) !== this.#copy.identity)
      this.#copy = this.#write(this.#text);
    return this.#copy.path;
  }

  #write(text: Buffer): { path: string; identity: string | null } {
    const path = join(privateFolder(), this.name);
    rmSync(path, { force: true });
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    process.once('exit', () => removeCopy(path));
    return { path, identity: identityOf(path) };
  }
}

/** null: it is not there. */
function identityOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? [found.dev, found.ino, found.size, found.mtimeMs].join(':') : null;
}

/** Throws what the system says of the last place. */
function privateFolder(): string {
  let refusal: unknown;
  for (const folder of folders) {
    try {
      mkdirSync(folder, 0o700);
      return folder;
    } catch (error) {
      if (isOwn(folder)) return folder;
      refusal = error;
    }
  }
  throw refusal;
}

/** Nobody else can have put anything there. */
function isOwn(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.geteuid?.() && (found.mode & 0o077) === 0;
}
