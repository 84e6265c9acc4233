import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';
import { Compiled } from './compiled.ts';

/** Returns what a file exports, by its name or path. */
export type Load = (name: string) => unknown;
type Wrapped = (exports: object, require: Load, module: { exports: unknown }, file: string, folder: string) => void;

/**
 * Returns what loads the parts of the library that the commands share (see scripts/build/cli.mjs), and files besides, as CommonJS would. It is
 * done here because the compiling is a third of the time that a command takes, unless it is taken from a cache.
 */
export function openLibrary(command: string): { part: Load; file: Load } {
  keepParserCheap();
  const here = dirname(fileURLToPath(import.meta.url));
  const file = loader(new Compiled(command));
  return { part: file(join(here, 'library.js')) as Load, file };
}

function loader(compiled: Compiled): Load {
  const modules = new Map<string, { exports: unknown }>();
  return function load(file: string): unknown {
    const loaded = modules.get(file);
    if (loaded) return loaded.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const native = createRequire(file);
    const require = (name: string) => (name.startsWith('.') ? load(resolve(dirname(file), name)) : native(name));
    const run = compile(file, compiled).runInThisContext() as Wrapped;
    run(module.exports, Object.assign(require, native), module, file, dirname(file));
    return module.exports;
  };
}

function compile(filename: string, compiled: Compiled): Script {
  const name = basename(filename);
  const source = readFileSync(filename, 'utf8');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    cachedData: compiled.of(name),
  });
  compiled.add(name, script);
  return script;
}

/**
 * undici's HTTP parser is WebAssembly, which V8 begins to optimize after a few hundred bytes, for 0.1 s of CPU that Node waits for
 * when it exits: longer than the rest of a command. This raises the amount that is to be parsed first (a few KB by default). It
 * comes before everything, since V8 takes back what it compiled only with the flags that it had then.
 */
function keepParserCheap(): void {
  setFlagsFromString('--wasm-tiering-budget=1000000000');
}
