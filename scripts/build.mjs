// Builds what is published: the CLI, the daemon's two processes and the worker's preload, each bundled, so that users install
// no dependency. Then oclif's manifest, so that a command starts without loading the others.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildCli } from './build/cli.mjs';
import { leaveOut } from './build/leave-out.mjs';
import { writeLicenses } from './build/licenses.mjs';
import { minifyPackages } from './build/minify-packages.mjs';
import { takeUndici, undiciOptions } from './build/undici.mjs';
import { writeClientTypes } from './client-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
// Made beside the former one and put in its place at the end: whoever runs the program meanwhile finds it whole.
const dist = `dist.new-${process.pid}`;
for (const name of readdirSync('.')) if (isLeftOver(name)) rmSync(name, { recursive: true, force: true });

/** The processes of a daemon are of one build, and refuse another one's. */
const version = JSON.parse(readFileSync('package.json', 'utf8')).version;
const sources = createHash('sha256');
for (const file of [...globSources('src'), ...globSources('scripts'), 'package-lock.json'])
  sources.update(readFileSync(file));
const naughtBuild = JSON.stringify(`${version}+${sources.digest('hex').slice(0, 12)}`);

const common = {
  define: { naughtBuild },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: false,
};

// Bundled CommonJS packages call require() for Node's built-ins; in an ES module there is none unless we make one.
const requireBanner = {
  js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
};

/** Fastify's own validator, serializer, logger and test client. */
const leftOutOfControl = leaveOut({
  '@fastify/ajv-compiler': '',
  '@fastify/fast-json-stringify-compiler': '',
  'light-my-request': '',
  pino: '',
});
/** The files below a folder, which is all that oclif looks for where a plugin has no manifest. */
const findFiles = `exports.glob = async (_, { cwd }) => require('node:fs').readdirSync(cwd, { recursive: true })
  .filter((file) => /[.][cm]?js$/.test(file) && !/[.](test|spec)[.]/.test(file));`;
/** oclif's looking for TypeScript projects and the like, its spinners and its templates of more than names. */
const leftOutOfPlugins = leaveOut({
  tinyglobby: findFiles,
  'cli-spinners': "exports.dots = { frames: ['-'], interval: 100 };",
  minimatch: '',
  lilconfig: '',
  semver: '',
  typescript: '',
  'wsl-utils': 'exports.isWsl = false;',
});
/** What naught2/plugin takes from files that are there anyway. */
const takeBuilt = {
  name: 'take-built',
  setup({ onResolve }) {
    const take = (filter, path) => onResolve({ filter }, () => ({ path, external: true }));
    take(/host\/oclif\.ts$/, './host.cjs');
    take(/protocol\/public\/client\.ts$/, '../client/client.cjs');
  },
};

const commonJs = { format: 'cjs', outExtension: { '.js': '.cjs' } };
/** White space goes, and functions of naught's own keep their names, for stack traces. */
const smaller = { minifyWhitespace: true, minifySyntax: true };

const bundles = {
  cli: buildCli(`${dist}/cli`, common),
  supervisor: bundle('daemon', { supervisor: 'src/daemon/supervisor/main.ts' }, smaller),
  control: bundle(
    'daemon',
    { control: 'src/daemon/control/main.ts' },
    {
      banner: requireBanner,
      plugins: [leftOutOfControl, minifyPackages],
      ...smaller,
    },
  ),
  // The preload is required; naught2/worker is required or imported, by whatever a server is written in.
  worker: bundle(
    'worker',
    { preload: 'src/daemon/worker/preload.ts', worker: 'src/daemon/worker/public/worker.ts' },
    commonJs,
  ),
  // naught2/plugin, and what the command loads where the user has plugins.
  host: bundle(
    'plugin',
    { host: 'src/cli/plugins/host/main.ts' },
    {
      ...commonJs,
      plugins: [leftOutOfPlugins, minifyPackages],
      ...smaller,
    },
  ),
  plugin: bundle('plugin', { plugin: 'src/cli/plugins/public/plugin.ts' }, { ...commonJs, plugins: [takeBuilt] }),
  // naught2/client, required or imported by whatever a program is written in.
  client: bundle(
    'client',
    { client: 'src/protocol/public/client.ts' },
    {
      ...commonJs,
      plugins: [takeUndici('./undici.cjs')],
      ...smaller,
    },
  ),
  undici: bundle('client', { undici: 'src/protocol/undici.ts' }, undiciOptions),
};
// What esbuild says of each.
const metafiles = Object.fromEntries(
  await Promise.all(Object.entries(bundles).map(async ([name, metafile]) => [name, await metafile])),
);
for (const each of [metafiles.cli, metafiles.host, metafiles.client]) assertNoSchemas(each);
assertOwnCodeOnly(metafiles.supervisor);
writeLicenses(`${dist}/THIRD-PARTY-LICENSES.txt`, Object.values(metafiles));
// A tool of the project, which the package has not.
await bundle('protocol', { openapi: 'src/protocol/openapi/main.ts' }, { banner: requireBanner });

execFileSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json', '--outDir', `${dist}/types`],
  { stdio: 'inherit' },
);
await writeClientTypes(`${dist}/types`);
// worker.cjs is CommonJS, and so are its types: those of an ES module could not be imported by a CommonJS program (TS1479).
writeFileSync(`${dist}/types/package.json`, '{"type":"commonjs"}\n');
makeStartable(`${dist}/cli/main.js`);
replaceFormer();
execFileSync(process.execPath, ['node_modules/oclif/bin/run.js', 'manifest'], {
  // Otherwise oclif looks on the network for a newer oclif.
  env: { ...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
minify('oclif.manifest.json');

/** Returns what esbuild says of what is in the files. */
async function bundle(folder, entryPoints, more = {}) {
  const options = { ...common, format: 'esm', ...more, outdir: `${dist}/${folder}`, entryPoints, metafile: true };
  return (await build(options)).metafile;
}

function globSources(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => `${parentPath}/${name}`).sort();
}

/** The supervisor stands on Node's built-ins alone: a package in its bundle is a mistake in an import. */
function assertOwnCodeOnly({ inputs }) {
  const foreign = Object.keys(inputs).filter((file) => file.includes('node_modules'));
  if (foreign.length > 0) throw new Error(`the supervisor may load no package, but bundles ${foreign.join(', ')}`);
}

/** Compiling schemas takes four times as long as Node's own start: the CLI takes only their types. */
function assertNoSchemas({ inputs }) {
  const schemas = Object.keys(inputs).filter((file) => file.startsWith('node_modules/typebox/'));
  if (schemas.length > 0) throw new Error('the CLI may load no schema, but bundles typebox');
}

function replaceFormer() {
  const former = `dist.old-${process.pid}`;
  if (existsSync('dist')) renameSync('dist', former);
  renameSync(dist, 'dist');
  rmSync(former, { recursive: true, force: true });
}

/** Puts the launcher before the program: a file that both sh and node can run. */
function makeStartable(file) {
  const program = readFileSync(file, 'utf8').replace(/^#!.*\n/, '');
  writeFileSync(file, readFileSync('scripts/launcher.sh', 'utf8') + program);
  chmodSync(file, 0o755);
}

function minify(file) {
  writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))));
}

/** Of a build that was ended before it was done. */
function isLeftOver(name) {
  const [, pid] = /^dist\.(?:new|old)-(\d+)$/.exec(name) ?? [];
  if (pid === undefined) return false;
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
