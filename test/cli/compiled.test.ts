import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeControl, temporaryFolder } from './support/control.ts';
import { naught } from './support/naught.ts';

/** A command that succeeds, and what is in the user's cache after it. */
async function ran(cache: string, cwd = temporaryFolder()) {
  if (!existsSync(join(cwd, 'naught.ipc'))) await fakeControl(cwd, {});
  const ended = await naught(['status'], { cwd, env: { XDG_CACHE_HOME: cache } });
  expect(ended).toEqual({ stdout: 'workers online: 2\n', stderr: '', exit: 0 });
  const files = readdirSync(cache, { recursive: true, encoding: 'utf8' }).map((name) => join(cache, name));
  return { cwd, kept: files.filter((file) => statSync(file).isFile()) };
}

describe('what V8 has compiled for a command', () => {
  it('is kept in the cache of the user, who alone can read it, and left as it is by the next command', async () => {
    const cache = temporaryFolder();
    const { kept, cwd } = await ran(cache);
    expect(kept).toEqual([expect.stringMatching(/naught\/[^/]+\/status$/)]);
    const { mode, ino } = statSync(kept[0] ?? '');
    expect(mode & 0o777).toBe(0o600);
    await ran(cache, cwd);
    expect(statSync(kept[0] ?? '').ino).toBe(ino);
  });

  it('is compiled again when it is damaged, or of another build', async () => {
    const cache = temporaryFolder();
    const { kept, cwd } = await ran(cache);
    const file = kept[0] ?? '';
    const whole = readFileSync(file);
    const build = whole.indexOf('+') + 1;
    const other = Buffer.from(whole);
    other.write('000000000000', build);
    for (const damaged of [Buffer.alloc(0), whole.subarray(0, whole.length / 2), Buffer.from('nonsense'), other]) {
      writeFileSync(file, damaged);
      await ran(cache, cwd);
      expect(readFileSync(file).subarray(0, build + 12)).toEqual(whole.subarray(0, build + 12));
      expect(readFileSync(file).length).toBeGreaterThan(100_000);
    }
  });

  it('is not kept of a command that failed', async () => {
    const cache = temporaryFolder();
    const cwd = temporaryFolder();
    expect(await naught(['status'], { cwd, env: { XDG_CACHE_HOME: cache } })).toMatchObject({ exit: 1 });
    expect(readdirSync(join(cache, 'naught')).flatMap((name) => readdirSync(join(cache, 'naught', name)))).toEqual([]);
  });

  it('is neither read nor written where others may write, or nobody can', async () => {
    const shared = temporaryFolder();
    mkdirSync(join(shared, 'naught'));
    chmodSync(join(shared, 'naught'), 0o777);
    expect((await ran(shared)).kept).toEqual([]);
    const unusable = temporaryFolder();
    writeFileSync(join(unusable, 'naught'), '');
    expect((await ran(unusable)).kept).toEqual([join(unusable, 'naught')]);
  });
});

it('a command loads its own file and what all commands share, and none of another', async () => {
  const cwd = temporaryFolder();
  await fakeControl(cwd, {});
  const trace = join(cwd, 'opened');
  const hook = join(cwd, 'hook.cjs');
  writeFileSync(
    hook,
    `const { Script } = require('vm'); const { appendFileSync } = require('fs'); const path = require('path');
     require('vm').Script = class extends Script {
       constructor(code, options) { super(code, options); appendFileSync(${JSON.stringify(trace)}, path.basename(options.filename) + '\\n'); }
     };`,
  );
  expect(
    await naught(['status'], { cwd, env: { NAUGHT_LAUNCHED: '1', NODE_OPTIONS: `--require ${hook}` } }),
  ).toMatchObject({ exit: 0 });
  const opened = readFileSync(trace, 'utf8').trimEnd().split('\n');
  expect(opened.map((name) => name.replace(/-[A-Z0-9]{8}/, ''))).toEqual(['library.js', 'status.js', 'undici.cjs']);
});
