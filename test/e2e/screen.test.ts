import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';
import { processes } from '../support/processes.ts';
import { hasTmux, Terminal } from '../support/tmux.ts';

const hasColors = (pane: Terminal) => pane.shown(true).join('').includes('\u001b[3');

describe.skipIf(!hasTmux)('in a terminal', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start(['--worker-count', '2', server]);
    return () => naught[Symbol.asyncDispose]();
  });

  const terminal = (args: string[], options: Partial<ConstructorParameters<typeof Terminal>[1]> = {}) =>
    new Terminal(args, { ...options, cwd: naught.dir, env: { ...naught.env, ...options.env } });
  const release = async () => (await naught.status()).release;
  /** The next new workers do not come online before this is undone. */
  const hold = () => naught.write('boot-1', `wait:${naught.path('go')}`);
  const letGo = () => {
    naught.write('go');
    naught.remove('boot-1');
  };

  it('a deploy has a row for each slot, says for whom it waits, and what has changed', async () => {
    hold();
    const before = await release();
    using pane = terminal(['deploy']);
    const waiting = await pane.shows(/waits: worker 1 \(pid \d+\): not online yet, for \d/);
    const text = waiting.join('\n');
    expect(text).toMatch(new RegExp(`^deploy release ${before + 1} after ${before}  \\d`, 'm'));
    expect(text).toMatch(/^new █{10}░{10} 1\/2 {3}old ░{20} 0\/2$/m);
    expect(text).toMatch(/^0 \d+ online .* → \d+ new_online /m);
    expect(text).toMatch(/^1 \d+ online .* → \d+ booting /m);
    expect(text).toContain('no timeout; Ctrl-C, or naught deploy-abort aborts it');
    expect(hasColors(pane)).toBe(true);
    letGo();
    const ended = await pane.shows('exit 0');
    expect(ended.join('\n')).toMatch(/^1 \d+ gone +→ \d+ online /m);
    expect(ended.at(-2)).toMatch(
      new RegExp(`^deployed: release ${before + 1} after ${before}, 2 workers online, in \\d`),
    );
    expect(ended.filter((line) => line.startsWith('deploy release'))).toHaveLength(1);
    naught.remove('go');
  });

  it('becomes narrow in the midst of it, without leaving a trace; Ctrl-C aborts it', async () => {
    hold();
    const before = await release();
    using pane = terminal(['deploy'], { columns: 100 });
    await pane.shows('waits: worker 1');
    pane.resize(40, 24);
    // What is above scrolls out of the screen, as the terminal breaks the lines that are too long for it.
    const narrow = await pane.shows(/^new █{5}░{5} 1\/2 {3}old ░{10} 0\/2$/m);
    expect(narrow.filter((line) => line.startsWith('deploy release'))).toHaveLength(1);
    pane.resize(20, 24);
    await pane.shows(/^new {2}1\/2 {3}old {2}0\/2$/m);
    pane.press('C-c');
    const ended = await pane.shows('exit 1');
    expect(ended.join('\n')).toContain('aborting deploy');
    expect(ended.join('').replaceAll(/\s/g, '')).toContain(
      `deployfailed,nothinghaschanged:release${before},2workersonline`,
    );
    expect(await release()).toBe(before);
    naught.remove('boot-1');
  });

  it('that vanishes ends the display, and the deploy goes on', async () => {
    hold();
    const before = await release();
    using pane = terminal(['deploy']);
    await pane.shows('waits: worker 1');
    pane.vanish();
    await eventually(
      () => !processes().some(({ title }) => /main\.js deploy/.test(title) && title.includes(naught.dir)),
    );
    letGo();
    await eventually(async () => ((await release()) > before ? true : undefined), 60_000);
    await naught.settled('0 2 0 0');
    naught.remove('go');
  });

  it.each<[string, string[], Record<string, string>, RegExp, boolean]>([
    ['NO_COLOR', ['status'], { NO_COLOR: '1' }, /^slot +pid/m, false],
    ['--no-color', ['status', '--no-color'], {}, /^slot +pid/m, false],
    ['neither', ['status'], {}, /^slot +pid/m, true],
    ['a dumb terminal', ['deploy', '--override-env', 'false'], { TERM: 'dumb' }, /^NewOnline\. booting: /m, false],
  ])('with %s, naught %j', async (_what, args, env, expected, colors) => {
    using pane = terminal(args, { env });
    const ended = await pane.shows('exit 0');
    expect(ended.join('\n')).toMatch(expected);
    expect(hasColors(pane)).toBe(colors);
  });

  it('status --watch follows the workers, and Ctrl-C ends it well', async () => {
    using pane = terminal(['status', '--watch'], { columns: 60 });
    const lines = await pane.shows(/^ +1 +\d+ +.*online/m);
    expect(lines.slice(0, 3)).toEqual(['before', 'workers online: 2', '']);
    await naught.run(['deploy', '--worker-count', '1']);
    await pane.shows(/^workers online: 1$/m);
    pane.press('C-c');
    await pane.shows('exit 0');
    await naught.run(['deploy', '--worker-count', '2']);
  });

  describe('top', () => {
    const opened = async (pane: Terminal) => {
      const screen = await pane.shows(/^slot +pid/m);
      expect(screen[0]).toMatch(/^naught top {2}\S+server\.cjs/);
      expect(screen.join('\n')).not.toContain('before');
      return screen;
    };
    const restored = async (pane: Terminal, exit: string) => {
      const screen = await pane.shows(exit);
      expect(screen).toEqual(['before', exit]);
    };

    it('gives the screen back after Ctrl-C', async () => {
      using pane = terminal(['top']);
      await opened(pane);
      pane.press('C-c');
      await restored(pane, 'exit 0');
    });

    it('gives the screen back after a SIGTERM', async () => {
      using pane = terminal(['top']);
      await opened(pane);
      const top = processes().find(({ title }) => title.includes('main.js top'));
      process.kill(top?.pid ?? 0, 'SIGTERM');
      await pane.shows('exit 143');
      expect(pane.shown()[0]).toBe('before');
    });

    it('asks before it deploys, shows that and the log lines, and waits for a daemon that is stopped', async () => {
      using pane = terminal(['top'], { columns: 120 });
      await opened(pane);
      pane.press('d');
      await pane.shows(/y\/n$/m);
      pane.press('n');
      await pane.shows('q quit');
      hold();
      pane.press('d');
      await pane.shows(/y\/n$/m);
      pane.press('y');
      const deploying = await pane.shows(/^waits: worker 1/m);
      expect(deploying.join('\n')).toMatch(/^deploy in progress$/m);
      await pane.shows(/stdout 1 \| worker 1 waits/);
      letGo();
      await pane.shows(/^deploy done: release \d+, 2 online$/m);
      pane.press('s');
      await pane.shows(/y\/n$/m);
      pane.press('y');
      await pane.shows(/not running.*; waiting for it/);
      naught.remove('go');
      await naught.start(['--worker-count', '1', server]);
      await pane.shows(/^workers online: 1$/m);
      pane.press('q');
      await restored(pane, 'exit 0');
    });
  });
});

it('top needs a terminal', async () => {
  await using naught = new Naught();
  const { code, stderr } = await naught.run(['top']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^top needs a terminal/) });
});
