// What npm runs when the package is installed from a folder or from git, and before it is packed: it has to be built then. From git npm
// has installed what that takes; from a folder it has not.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));

/** npm's settings for the installation that this is part of, such as `--global`, are not meant for this folder. */
const kept = /^npm_config_(registry|cache|userconfig|globalconfig|.*proxy|cafile|offline|prefer_offline)$/i;
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_') || kept.test(name)),
);

if (!existsSync(new URL('../node_modules/esbuild', import.meta.url))) {
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}
run(process.execPath, ['scripts/build.mjs']);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
