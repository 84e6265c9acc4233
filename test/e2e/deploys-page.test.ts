import { spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Load } from '../support/load.ts';
import { Naught, program, ranOf, root } from '../support/naught.ts';

/** What the page shows, in its order: a command, and what it prints on both streams. */
const page = readFileSync(join(root, 'docs/deploys.md'), 'utf8');
const consoles = [...page.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = '']) => text);
const shown = consoles.flatMap((text) =>
  text.split(/^\$ /m).flatMap((each) => {
    const [command = '', ...printed] = each.split('\n');
    return command === '' ? [] : [{ command, printed: printed.join('\n') }];
  }),
);
const [, script = ''] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];

/**
 * Without what differs from run to run: times, pids, how many requests there were, the width of columns, and which of several workers that
 * boot or leave together was the first.
 */
function steady(text: string): string[] {
  const lines = text
    .replaceAll(/^(\w+)\. booting: \d+, online: \d+, dying: \d+, new_online: \d+/gm, '$1')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replaceAll(/\bworker \d+ \(pid \d+\)/g, 'worker N (pid N)')
    .replaceAll(/\d+ of \d+/g, 'N of N')
    .replaceAll(/\d+(\.\d+)? (s|min|%)(?!\w)/g, 'N')
    .replaceAll(/ {2,}/g, '  ')
    .trim()
    .split('\n');
  const events = lines.filter((line) => /^\w+$/.test(line));
  return [...events.sort(), ...lines.filter((line) => !events.includes(line))];
}

describe('docs/deploys.md', () => {
  let naught: Naught;
  let port: string;
  const here = (text: string) => text.replaceAll('/srv/shop', naught.dir).replaceAll('8080', port);
  const there = (text: string) => text.replaceAll(naught.dir, '/srv/shop').replaceAll(port, '8080');

  /** As a shell runs it. */
  const run = async (command: string): Promise<string> => {
    const PATH = `${naught.path('bin')}:${process.env.PATH}`;
    const child = spawn('sh', ['-c', `${here(command)} 2>&1`], {
      cwd: naught.dir,
      env: { ...naught.env, PATH, TZ: 'UTC' },
    });
    const { stdout } = await ranOf(child);
    return there(stdout);
  };

  beforeAll(async () => {
    naught = await Naught.withPort();
    port = naught.env.PORT ?? '';
    naught.write('shop.js', here(script));
    chmodSync(naught.write('bin/naught', `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`), 0o755);
    return () => naught[Symbol.asyncDispose]();
  });

  it('shows a bad release being undone, and every command that makes a release or changes one', () => {
    const commands = shown.map(({ command }) => command.split(' ')[1]);
    for (const command of ['start', 'deploy', 'releases', 'rollback', 'restart', 'scale'])
      expect(commands).toContain(command);
    expect(page).toMatch(/undone: errors/);
  });

  it('shows what is printed, and nobody who asks meanwhile is refused', async () => {
    const [start, ...rest] = shown;
    const printed = [await run(start?.command ?? '')];
    await using clients = Load.begin(Number(port));
    for (const { command } of rest) printed.push(await run(command));
    expect(printed.map(steady)).toEqual(shown.map((each) => steady(each.printed)));
    expect(clients.lost).toEqual([]);
    const bad = clients.seen['bad\n 500'] ?? 0;
    expect(Object.keys(clients.seen).sort()).toEqual(['bad\n 200', 'bad\n 500', 'first\n 200', 'second\n 200']);
    expect(bad).toBeLessThan(clients.seen['bad\n 200'] ?? 0);
  });
});
