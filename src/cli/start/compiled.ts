import { lstatSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Script } from 'node:vm';

/** Set by the build: the version, and of which sources this is. */
declare const naughtBuild: string;

interface Content {
  build: string;
  files: Record<string, Buffer>;
}

/**
 * What V8 has compiled of the files of one command, kept in the user's cache. Node's own cache (module.enableCompileCache) would keep the
 * outermost functions alone, as it is written before any other is called, and gains a third of it.
 */
export class Compiled {
  readonly #file: string | undefined;
  readonly #kept: Content['files'];
  readonly #scripts = new Map<string, Script>();

  /** `command`: as the user wrote it. Nothing is kept of one that cannot be. */
  constructor(command: string) {
    const folder = /^[a-z-]+$/.test(command) ? cacheFolder() : undefined;
    this.#file = folder && join(folder, command);
    this.#kept = this.#file === undefined ? {} : read(this.#file);
  }

  of(name: string): Buffer | undefined {
    return this.#kept[name];
  }

  /** To be called with each script, once it has been compiled. */
  add(name: string, script: Script): void {
    if (this.#file === undefined) return;
    if (this.#scripts.size === 0) process.once('exit', (code) => this.#keep(code));
    this.#scripts.set(name, script);
  }

  /** Nothing of a command that failed: it has not called what the others call. */
  #keep(code: number): void {
    const isNew = [...this.#scripts].some(([name, script]) => !this.#kept[name] || script.cachedDataRejected);
    if (code !== 0 || !isNew) return;
    const files = [...this.#scripts].map(([name, script]) => [name, script.createCachedData()]);
    const content: Content = { build: naughtBuild, files: Object.fromEntries(files) };
    try {
      writeFileSync(`${this.#file}.${process.pid}`, serialize(content), { mode: 0o600 });
      renameSync(`${this.#file}.${process.pid}`, this.#file!);
    } catch {
      // The next command compiles it again.
    }
  }
}

/** What is of another build, or no such file, is as if it were not there. */
function read(file: string): Content['files'] {
  try {
    const { build, files } = deserialize(readFileSync(file)) as Content;
    return build === naughtBuild ? files : {};
  } catch {
    return {};
  }
}

/**
 * The folder for this version of naught and of Node, made where it is not there; undefined where there can be none. What V8 reads from it,
 * it runs: it has to be the user's own, and nobody else's to write to. (sudo may leave HOME as it was.)
 */
function cacheFolder(): string | undefined {
  const { HOME, XDG_CACHE_HOME } = process.env;
  const home = XDG_CACHE_HOME || HOME;
  if (!home) return undefined;
  const [version] = naughtBuild.split('+');
  const folder = join(
    XDG_CACHE_HOME || join(home, '.cache'),
    'naught',
    `${version}-node-${process.version}-${process.arch}`,
  );
  try {
    // Root makes nothing in the home of another user, who could not use it then.
    if (statSync(home).uid !== process.geteuid?.()) return undefined;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return [folder, dirname(folder)].every(isOurs) ? folder : undefined;
  } catch {
    return undefined;
  }
}

function isOurs(folder: string): boolean {
  const { uid, mode } = lstatSync(folder);
  return uid === process.geteuid?.() && (mode & 0o022) === 0;
}
