import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { root } from '../support/naught.ts';

const program = `
import { createServer } from 'node:http';
import { type Calls, CallError, type Client, connect, type DeployParams, errors } from 'naught2/client';
import { guard, offline, online, onShutdown, type ShutdownFunction } from 'naught2/worker';

const server = createServer();
const leave: ShutdownFunction = () => server.close();
guard(server);
onShutdown(leave);
export const said: boolean = online() && offline();
// @ts-expect-error: it is typed
onShutdown('not a function');

export async function deploy(client: Client, params: DeployParams, signal: AbortSignal): Promise<number> {
  const call = client.deploy(params, { signal });
  for await (const { event, worker } of call) console.log(event.toUpperCase(), worker?.slot.toFixed());
  for await (const line of client.logs({ follow: true })) if (line.event === 'Line') console.log(line.line.length);
  await client.deploy.abort();
  const byName: Calls['logs.reopen']['result'] = await client.call('logs.reopen');
  // @ts-expect-error: it is typed
  await client.deploy({ workerCount: true });
  // @ts-expect-error: there is no such method
  await client.nonsense();
  const { code } = errors[new CallError('unavailable').kind];
  return (await call).release + byName.logs.length + code;
}
export const connected: Promise<Client> = connect('nothing.ipc');
`;

const plugin = `
import { Args, Command, type Hook } from 'naught2/plugin';

export const before: Hook<'naught:deploy:before'> = async ({ client, params, refuse }) => {
  const { count } = await client.status();
  if (count.online === 0 && params.workerCount !== 'auto') refuse('no', { exit: 3 });
};
export const after: Hook<'naught:deploy:after'> = ({ outcome, error, say }) => say(error?.kind ?? String(outcome?.release));
// @ts-expect-error: it is typed
export const event: Hook<'naught:event'> = ({ event }) => event.nonsense;
export default class Test extends Command {
  static override args = { file: Args.string() };
  async run(): Promise<void> {
    const { args } = await this.parse(Test);
    this.log(args.file?.toUpperCase());
  }
}
`;

/** A project of the user's, with what is published of this package. */
function project(packageJson: object, text = program): string {
  const folder = mkdtempSync(join(tmpdir(), 'naught-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const installed = join(folder, 'node_modules/naught2');
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(packageJson));
  writeFileSync(join(folder, 'server.ts'), text);
  return folder;
}

it.each([
  ['CommonJS', {}, ['--module', 'node16']],
  ['CommonJS', { type: 'commonjs' }, ['--module', 'nodenext', '--verbatimModuleSyntax', 'false']],
  ['an ES module', { type: 'module' }, ['--module', 'node16']],
  ['an ES module', { type: 'module' }, ['--module', 'nodenext']],
  ['bundled', { type: 'module' }, ['--module', 'esnext', '--moduleResolution', 'bundler']],
])('naught2/worker and naught2/client are typed for a program that is %s (%j, %j)', (_kind, packageJson, options) => {
  const cwd = project(packageJson);
  const args = ['--strict', '--target', 'es2022', '--types', 'node', '--outDir', 'out', ...options, 'server.ts'];
  const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], { cwd });
  expect(tsc.stdout.toString()).toBe('');
  expect(tsc.status).toBe(0);
  // What was compiled runs: without naught nothing is said.
  const ran = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', "console.log((await import('./out/server.js')).said)"],
    { cwd },
  );
  if (!options.includes('bundler')) expect([ran.stdout.toString(), ran.stderr.toString()]).toEqual(['false\n', '']);
});

it('naught2/plugin is typed, with oclif for its commands', () => {
  const cwd = project({ type: 'module' }, plugin);
  mkdirSync(join(cwd, 'node_modules/@oclif'));
  symlinkSync(join(root, 'node_modules/@oclif/core'), join(cwd, 'node_modules/@oclif/core'));
  const args = ['--strict', '--target', 'es2022', '--types', 'node', '--module', 'nodenext', '--noEmit', 'server.ts'];
  const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--skipLibCheck', ...args], {
    cwd,
  });
  expect([tsc.stdout.toString(), tsc.status]).toEqual(['', 0]);
});

/** What the build writes out for users is what the source has. */
const same = `
import type * as Published from './dist/types/protocol/public/client.d.ts';
import type * as Source from './src/protocol/public/client.ts';

type Plain<Type> = Type extends object ? { [Name in keyof Type]: Plain<Type[Name]> } : Type;
type Form<Each extends { params: unknown }> = Plain<Omit<Each, 'params'> & { names: keyof Each['params'] }>;
type Same<One, Other> = (<Type>() => Type extends One ? 1 : 2) extends <Type>() => Type extends Other ? 1 : 2 ? true : false;
type Verdict = { [Name in keyof Source.Calls]: Same<Form<Source.Calls[Name]>, Form<Published.Calls[Name]>> };
type Fitting = { [Name in keyof Source.Calls]: Source.Calls[Name]['params'] extends Published.Calls[Name]['params'] ? true : false };
type All = { [Name in keyof Source.Calls]: true };
export const same: Verdict = {} as All;
export const fitting: Fitting = {} as All;
`;

it('the types of the API that are written out are those of the source', () => {
  const file = join(root, `same-types-${process.pid}.ts`);
  onTestFinished(() => rmSync(file));
  writeFileSync(file, same);
  const options = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    '--noEmit',
    '--allowImportingTsExtensions',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
  ];
  const tsc = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '--ignoreConfig',
      ...options,
      file,
      'src/protocol/undici-parts.d.ts',
    ],
    { cwd: root },
  );
  expect([tsc.stdout.toString(), tsc.status]).toEqual(['', 0]);
});
