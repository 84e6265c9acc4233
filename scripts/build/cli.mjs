// The files of the command. Each file that Node loads costs it a third of a millisecond, and its loader of ES modules 10 ms before the
// first: so they are few, and CommonJS.
//   main.js         what is done before oclif is loaded, in Node's own modules alone; and foreground.js, for which it never is
//   library.js      what every command needs; compiled by the cache that main.js turns on
//   commands/*.js   one of each command; what only some of them need is beside library.js
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, transform } from 'esbuild';
import { leaveOut } from './leave-out.mjs';
import { loadLate } from './load-late.mjs';
import { takeUndici } from './undici.mjs';

const plugins = [
  // oclif's looking for TypeScript projects and newer versions.
  leaveOut({ tinyglobby: '', minimatch: '', lilconfig: '', semver: '', 'wsl-utils': 'exports.isWsl = false;' }),
  loadLate(/@oclif\/core\/lib\/.*\.js$/),
  takeUndici('../client/undici.cjs'),
];

/** Builds them into a folder. `options`: of esbuild. Returns what esbuild says of what is in them. */
export async function buildCli(folder, options) {
  const commands = readdirSync('src/cli/commands', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const metafiles = await Promise.all([
    bundle(
      folder,
      options,
      { main: 'src/cli/main.ts', foreground: 'src/cli/start/foreground.ts' },
      {
        format: 'cjs',
        plugins: [leaveForeground],
      },
    ),
    bundle(
      folder,
      options,
      Object.fromEntries([
        ['early', 'src/cli/start/early.ts'],
        ['program', 'src/cli/program.ts'],
        ...commands.map((file) => [`commands/${file.replace(/\.tsx?$/, '')}`, `src/cli/commands/${file}`]),
      ]),
      { format: 'esm', splitting: true, plugins },
    ),
  ]);
  await Promise.all(jsFiles(folder).map(makeCommonJs));
  joinLibrary(folder, metafiles[1].outputs);
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return { inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)) };
}

async function bundle(outdir, options, entryPoints, more) {
  const define = { ...options.define, 'import.meta.url': '__moduleUrl' };
  const { metafile } = await build({ ...options, ...more, outdir, entryPoints, define, metafile: true });
  return metafile;
}

/** The daemon's own process must not hold what is for one that begins there and ends. */
const leaveForeground = {
  name: 'leave-foreground',
  setup({ onResolve }) {
    onResolve({ filter: /\/foreground\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './foreground.js', external: true } : undefined,
    );
  },
};

const jsFiles = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => join(folder, file));

/** Makes CommonJS of an ES module, which only esbuild's splitting needs. */
async function makeCommonJs(file) {
  // Only the bundle's own files: what else is imported may be an ES module.
  const source = readFileSync(file, 'utf8').replaceAll(
    /\bimport\(("\.[^"]+")\)/g,
    'Promise.resolve().then(() => require($1))',
  );
  const minifyWhitespace = basename(file).startsWith('chunk-');
  const { code } = await transform(source, { format: 'cjs', platform: 'node', target: 'node20.19', minifyWhitespace });
  const url = 'const __moduleUrl = require("node:url").pathToFileURL(__filename).href;\n';
  writeFileSync(file, code.includes('__moduleUrl') ? url + code : code);
}

/** Puts the files that every command loads into one, each in a function that is called when it is first required. */
function joinLibrary(folder, outputs) {
  const inFolder = Object.fromEntries(
    Object.entries(outputs).map(([path, output]) => [path.slice(folder.length + 1), output]),
  );
  const first = Object.keys(inFolder).filter((name) => /^(program|early|wsl-utils.*)\.js$/.test(name));
  const names = namesOf(folder, inFolder, [...first, ...staticImports(folder, inFolder, 'commands/status.js')]);
  const fromLibrary = (code, library) =>
    code.replaceAll(/\brequire\("(?:\.\.?\/)+([^"]+)"\)/g, (whole, name) =>
      names.has(name) ? `${library}("${name}")` : whole,
    );
  const functions = [...names].map(
    (name) =>
      `${JSON.stringify(name)}(module, exports) {\n${fromLibrary(readFileSync(join(folder, name), 'utf8'), 'load')}}`,
  );
  for (const name of names) rmSync(join(folder, name));
  for (const file of jsFiles(folder)) {
    const path = `${basename(join(file, '..')) === 'commands' ? '..' : '.'}/library.js`;
    writeFileSync(file, fromLibrary(readFileSync(file, 'utf8'), `require("${path}")`));
  }
  writeFileSync(join(folder, 'library.js'), libraryOf(functions));
}

const libraryOf = (functions) => `"use strict";
const files = {
${functions.join(',\n')}
};
const loaded = {};
function load(name) {
  if (loaded[name]) return loaded[name].exports;
  const module = loaded[name] = { exports: {} };
  files[name](module, module.exports);
  return module.exports;
}
module.exports = load;
`;

/** These files, and what they import before anything of theirs runs. */
function namesOf(folder, outputs, names, found = new Set()) {
  for (const name of names.filter((each) => !found.has(each))) {
    found.add(name);
    namesOf(folder, outputs, staticImports(folder, outputs, name), found);
  }
  return found;
}

const staticImports = (folder, outputs, name) =>
  outputs[name].imports
    .filter(({ kind, external }) => kind === 'import-statement' && !external)
    .map(({ path }) => path.slice(folder.length + 1));
