import { fork, spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, ranOf, root, server } from '../support/naught.ts';
import { kill, processes } from '../support/processes.ts';

/** A daemon whose package is in a folder of the test's, as of a release; its copies would be in `tmp`. */
async function installed() {
  const naught = await Naught.withPort();
  naught.env.TMPDIR = naught.path('tmp');
  mkdirSync(naught.env.TMPDIR);
  const folder = naught.path('release/naught2');
  for (const file of ['package.json', 'oclif.manifest.json', 'dist']) {
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  await naught.start([server], { command: [process.execPath, join(folder, 'dist/cli/main.js')] });
  const daemon = naught.pid() ?? 0;
  const control = () => processes().find(({ parent, title }) => parent === daemon && title === 'naught: control')?.pid;
  return { naught, folder, control };
}

async function goesOn({ naught, control }: Awaited<ReturnType<typeof installed>>): Promise<void> {
  await naught.replace();
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  const before = control();
  kill(before);
  await eventually(() => (control() !== undefined && control() !== before ? true : undefined));
  expect(await naught.run(['status'])).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
  const copies = readdirSync(naught.path('tmp'), { recursive: true, encoding: 'utf8' }).map((name) => name.slice(-11));
  expect(copies).toEqual(expect.arrayContaining(['preload.cjs', 'control.mjs']));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  await eventually(() => (readdirSync(naught.path('tmp')).length === 0 ? true : undefined));
}

describe('workers, deploys and control start as before, and no copy is left at the end', () => {
  it('when the package of the daemon is taken away', async () => {
    const daemon = await installed();
    await using _ = daemon.naught;
    rmSync(dirname(daemon.folder), { recursive: true });
    await goesOn(daemon);
  });

  it('when it becomes another version in its place', async () => {
    const daemon = await installed();
    await using _ = daemon.naught;
    for (const program of ['daemon/control.js', 'worker/preload.cjs']) {
      appendFileSync(join(daemon.folder, 'dist', program), "\nthrow new Error('of another version');\n");
    }
    await goesOn(daemon);
  });

  it('when a cleaner of temporary files has removed the copies too', async () => {
    const daemon = await installed();
    await using _ = daemon.naught;
    rmSync(dirname(daemon.folder), { recursive: true });
    await daemon.naught.replace();
    for (const copy of readdirSync(daemon.naught.path('tmp'))) daemon.naught.remove(join('tmp', copy));
    await goesOn(daemon);
  });
});

it('the copies of a supervisor that is killed are removed by control', async () => {
  const { naught, folder } = await installed();
  await using _ = naught;
  rmSync(dirname(folder), { recursive: true });
  await naught.replace();
  expect(readdirSync(naught.path('tmp'))).toHaveLength(1);
  kill(naught.pid() ?? 0);
  await eventually(() => (readdirSync(naught.path('tmp')).length === 0 ? true : undefined));
});

describe('a process of another build than its daemon refuses, with the reason', () => {
  const reason = (what: string) => new RegExp(`this ${what} is of naught \\S+, and the daemon of 1\\.6\\+other`);

  it('control', async () => {
    const control = fork(join(root, 'dist/daemon/control.js'), { silent: true });
    const ended = ranOf(control);
    control.send({ type: 'attach', config: { build: '1.6+other' } });
    expect(await ended).toMatchObject({ code: 1, stderr: expect.stringMatching(reason('control process')) });
  });

  it('the preload', async () => {
    const options = JSON.stringify({ build: '1.6+other' });
    const worker = spawn(process.execPath, ['--require', join(root, 'dist/worker/preload.cjs'), '--eval', ''], {
      env: { NAUGHT_WORKER_OPTIONS: options, NODE_UNIQUE_ID: '1' },
    });
    expect(await ranOf(worker)).toMatchObject({ code: 1, stderr: expect.stringMatching(reason('preload')) });
  });
});
