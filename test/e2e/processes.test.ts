import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, root, server } from '../support/naught.ts';
import { childrenOf, isAlive, kill, processes } from '../support/processes.ts';

const titleOf = (pid: number) => processes().find((each) => each.pid === pid)?.title;

it('ps shows what each process is', async () => {
  await using naught = await Naught.withPort();
  await naught.start(['--worker-count', '2', server]);
  const daemon = naught.pid() ?? 0;
  expect(titleOf(daemon)).toBe('naught: supervisor server.cjs');
  const children = childrenOf(daemon).map(titleOf);
  expect(children.sort()).toEqual(['naught: control', 'naught: worker 0 server.cjs', 'naught: worker 1 server.cjs']);
  const worker = await naught.replace(1);
  expect(titleOf(worker.pid)).toBe('naught: worker 1 server.cjs');
});

it('the workers are children of the daemon, which is nobody’s, and sees none of their environment', async () => {
  await using naught = await Naught.withPort({ NAUGHT_SECRET: 'of the workers' });
  await naught.start();
  const { pid, env } = await naught.facts();
  expect(env.NAUGHT_SECRET).toBe('of the workers');
  expect(
    Object.keys(env)
      .filter((name) => name.startsWith('NAUGHT_'))
      .sort(),
  ).toEqual(['NAUGHT_SECRET', 'NAUGHT_WORKER']);
  const daemon = naught.pid() ?? 0;
  expect(processes().find((each) => each.pid === pid)?.parent).toBe(daemon);
  await eventually(() => (processes().find((each) => each.pid === daemon)?.parent !== process.pid ? true : undefined));
});

/** Words of the packages that control is bundled with, and the command's; the build itself looks at what esbuild says of each file. */
const bundled = /FST_ERR_|winston|undici|@oclif/;

// V8 writes at the end of each process which files it has run.
it.each(['true', 'false'])('the supervisor loads no module of others (--daemon-mode %s)', async (daemonMode) => {
  await using naught = await Naught.withPort();
  const coverage = naught.path('coverage');
  mkdirSync(coverage);
  const starting = naught.begin(['start', '--daemon-mode', daemonMode, server], {
    // The first is of the command, which in the foreground becomes the daemon; the other of the processes that naught starts.
    env: { NODE_V8_COVERAGE: coverage, NAUGHT_NODE_V8_COVERAGE: coverage },
  });
  await naught.logged('Ready.');
  const daemon = naught.pid() ?? 0;
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  const [control] = processes().filter(({ parent, title }) => parent === daemon && title === 'naught: control');
  kill(control?.pid);
  await naught.logged('control was started again');
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  await starting.ended;
  await eventually(() => (isAlive(daemon) ? undefined : true));

  const files = filesOf(coverage, daemon);
  expect(files).toContain(join(root, 'dist/daemon/supervisor.js'));
  for (const file of files) {
    expect(file.startsWith(join(root, 'dist/'))).toBe(true);
    const text = readFileSync(file, 'utf8');
    expect(bundled.test(text)).toBe(false);
    const imported = [...text.matchAll(/^(?:import|export)\b[^;'"]*?(?:from\s*)?["']([^"']+)["'];/gm)].map(
      ([, name]) => name,
    );
    const foreign = imported.filter((name) => !name?.startsWith('.') && !isBuiltin(name ?? ''));
    expect(foreign).toEqual([]);
  }
  expect(bundled.test(readFileSync(join(root, 'dist/daemon/control.js'), 'utf8'))).toBe(true);
});

function filesOf(coverage: string, pid: number): string[] {
  const reports = readdirSync(coverage).filter((name) => name.startsWith(`coverage-${pid}-`));
  expect(reports).toHaveLength(1);
  const { result } = JSON.parse(readFileSync(join(coverage, reports[0] ?? ''), 'utf8'));
  return result.flatMap(({ url }: { url: string }) => (url.startsWith('file:') ? fileURLToPath(url) : []));
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}
