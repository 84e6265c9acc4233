// Runs the end-to-end tests that depend on Node on each version in use, with the registry's package `node`: node scripts/nodes.mjs [versions]
import { spawnSync } from 'node:child_process';

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20.19', '22', '24', '26'];
/** What hooks into Node, or steps around a bug of it: sockets, workers' ends, streams of a process, what the command is started with. */
const tests = [
  'test/e2e/main-job',
  'test/e2e/foreground',
  'test/e2e/host',
  'test/e2e/init',
  'test/e2e-loss',
  'test/worker',
  'test/supervisor/sockets',
  'test/cli',
];

const failed = versions.filter((version) => {
  console.log(`\nNode ${version}`);
  const args = [
    'exec',
    '--yes',
    `--package=node@${version}`,
    '--',
    'node',
    'node_modules/vitest/vitest.mjs',
    'run',
    ...tests,
  ];
  return spawnSync('npm', args, { stdio: 'inherit' }).status !== 0;
});
console.log(failed.length === 0 ? `\npassed on Node ${versions.join(', ')}` : `\nfailed on Node ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
