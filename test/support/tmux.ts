import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { program } from './naught.ts';
import { mark } from './processes.ts';

/** Debian has it as a package; a machine that has none cannot show how a terminal looks. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

interface PaneOptions {
  cwd: string;
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
}

/** A real terminal, in which one command of naught runs; when it has ended, its exit code stands under what it has left. */
export class Terminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'naught-tmux-'));
  readonly #socket = join(this.#folder, 'socket');

  constructor(args: string[], { cwd, columns = 80, rows = 24, env = {} }: PaneOptions) {
    const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, TMUX: ____, ...own } = process.env;
    const words = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
    const variables = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
    const command = `echo before; ${['env', ...variables].join(' ')} ${words}; echo "exit $?"; exec sleep 600`;
    const size = ['-x', String(columns), '-y', String(rows)];
    execFileSync('tmux', ['-u', '-f', '/dev/null', '-S', this.#socket, 'new-session', '-d', ...size, command], {
      cwd,
      env: { ...own, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', [mark]: cwd },
    });
  }

  /** What is on the screen, without the blank lines at its end. colors: with their codes. */
  shown(colors = false): string[] {
    const lines = this.#run('capture-pane', '-p', ...(colors ? ['-e'] : []))
      .trimEnd()
      .split('\n');
    return lines.map((line) => line.trimEnd());
  }

  /** Waits until it is on the screen, and returns that. */
  shows(text: string | RegExp): Promise<string[]> {
    let last: string[] = [];
    return eventually(() => {
      last = this.shown();
      const all = last.join('\n');
      return (typeof text === 'string' ? all.includes(text) : text.test(all)) ? last : undefined;
    }, 60_000).catch((cause) => {
      throw new Error(`not ${text} but\n${last.join('\n')}`, { cause });
    });
  }

  press(...keys: string[]): void {
    this.#run('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#run('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The process that runs in it is told that its terminal is gone. */
  vanish(): void {
    this.#run('kill-session');
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(...args: string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
  }
}
