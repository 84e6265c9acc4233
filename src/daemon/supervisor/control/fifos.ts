import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;

const perWorker = 2;
/** So many pipes are kept ready, each two descriptors of the application; and so many at most are made at once while many workers are started. */
const fewest = 4;
const mostAtOnce = 32;
/** Workers that are started within so many milliseconds are started together. */
const togetherMs = 1_000;
/** mkfifo that takes longer than this, in milliseconds, hangs. */
const hungMs = 2_000;
/** A child of a worker may be another user and open its /dev/stdout; the folder is for nobody else, and gone at once. */
const mode = '622';
/** In memory, where there is such a folder: a worker is started without waiting for a disk. */
const places = ['/dev/shm', tmpdir()];

/** The descriptors of both ends of a pipe. */
export interface PipeEnds {
  read: number;
  write: number;
}

/**
 * Pipes for the workers' stdout and stderr. child_process makes socket pairs, which cannot be opened as /dev/stdout; Node makes no
 * pipe(2), but it opens what mkfifo(1) has made. Some are always ready.
 */
export class Fifos {
  readonly #options: { env: NodeJS.ProcessEnv; stdio: 'ignore'; timeout: number };
  readonly #ready: PipeEnds[] = [];
  /** There is no mkfifo here, or no need of it. */
  #useless = process.platform !== 'linux';
  #making: Promise<void> | null = null;
  #takenTogether = 0;
  #quiet: NodeJS.Timeout | null = null;
  #trouble: string | null = null;
  #told = false;

  /** `searchPath`: the PATH to find mkfifo on. `folders`: where to make them, for tests. */
  constructor(
    searchPath: string | undefined,
    private readonly folders = places,
  ) {
    const env = { PATH: [searchPath, '/usr/local/bin:/usr/bin:/bin'].filter(Boolean).join(':') };
    this.#options = { env, stdio: 'ignore', timeout: hungMs };
    this.#refill();
  }

  /** Its reading end does not block, its writing end does. null: a socket pair has to do; `onTrouble` says why, the first time. */
  take(onTrouble: (text: string) => void): PipeEnds | null {
    if (this.#ready.length === 0) this.#makeNow();
    if (this.#ready.length === 0 && this.#trouble !== null && !this.#told) {
      this.#told = true;
      onTrouble(`/dev/stdout and /dev/stderr cannot be opened in workers: ${this.#trouble}`);
    }
    const ends = this.#ready.shift() ?? null;
    this.#takenTogether += 1;
    clearTimeout(this.#quiet ?? undefined);
    this.#quiet = setTimeout(() => this.#rest(), togetherMs).unref();
    setImmediate(() => this.#refill());
    return ends;
  }

  /** There are pipes for another worker, or none can be made ready. Never rejected. */
  async ready(): Promise<void> {
    if (this.#ready.length >= perWorker) return;
    this.#refill();
    await this.#making;
  }

  #makeNow(): void {
    this.#make((folder, names) => {
      const { error, status } = spawnSync('mkfifo', ['-m', mode, ...names], this.#options);
      this.#made(folder, names, error ?? exitError(status));
    });
  }

  #refill(): void {
    if (this.#making || this.#ready.length >= fewest) return;
    this.#make((folder, names) => {
      const child = spawn('mkfifo', ['-m', mode, ...names], this.#options);
      this.#making = new Promise((made) => {
        let over = (error: Error | undefined) => {
          over = () => {};
          this.#making = null;
          if (this.#made(folder, names, error)) this.#refill();
          made();
        };
        child.on('error', (error) => over(error));
        child.on('exit', (status) => over(exitError(status)));
      });
    });
  }

  /** `run` makes FIFOs of these names. */
  #make(run: (folder: string, names: string[]) => void): void {
    if (this.#useless) return;
    let folder: string | undefined;
    try {
      const made = this.#privateFolder();
      folder = made;
      run(
        made,
        Array.from({ length: this.#batch() }, (_, index) => path.join(made, String(index))),
      );
    } catch (error) {
      if (folder) remove(folder);
      this.#failed(error as Error);
    }
  }

  /** Many workers are being started: one process of mkfifo makes as many pipes as several would. */
  #batch(): number {
    return Math.max(fewest - this.#ready.length, Math.min(this.#takenTogether, mostAtOnce));
  }

  /** No more workers are started. Descriptors are the application's. */
  #rest(): void {
    this.#takenTogether = 0;
    for (const { read, write } of this.#ready.splice(fewest)) {
      fs.closeSync(read);
      fs.closeSync(write);
    }
  }

  /** Returns whether there are more now: what fails once is not tried until the next pipe is taken. */
  #made(folder: string, names: string[], error: Error | undefined): boolean {
    try {
      if (error) throw error;
      for (const name of names) this.#ready.push(open(name));
      return true;
    } catch (cause) {
      this.#failed(cause as Error);
      return false;
    } finally {
      remove(folder);
    }
  }

  /** Throws what the OS says of the last place. */
  #privateFolder(): string {
    let refusal: unknown;
    for (const folder of this.folders) {
      try {
        return fs.mkdtempSync(path.join(folder, 'naught-'));
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'ENOENT' && error.syscall?.startsWith('spawn')) this.#useless = true;
    this.#trouble = error.message;
  }
}

function open(name: string): PipeEnds {
  const read = fs.openSync(name, O_RDONLY | O_NONBLOCK);
  try {
    return { read, write: fs.openSync(name, O_WRONLY) };
  } catch (error) {
    fs.closeSync(read);
    throw error;
  }
}

/** It is ours alone. What cannot be removed is left: nobody may wait for that. */
function remove(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch {}
}

function exitError(status: number | null): Error | undefined {
  return status === 0 ? undefined : new Error(`mkfifo ended with ${status ?? 'a signal'}`);
}
