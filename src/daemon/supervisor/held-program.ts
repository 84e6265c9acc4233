import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a copy may be made, should it be needed. The environment is read now: later it is empty. */
const folders = [tmpdir(), '/dev/shm', '/var/tmp'];

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
    const folder = privateFolder();
    const path = join(folder, this.name);
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return { path, identity: identityOf(path) };
  }
}

/** null: it is not there. */
function identityOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? [found.dev, found.ino, found.size, found.mtimeMs].join(':') : null;
}

function privateFolder(): string {
  for (const folder of folders) {
    try {
      return mkdtempSync(join(folder, 'naught-'));
    } catch {}
  }
  return mkdtempSync(join(tmpdir(), 'naught-'));
}
