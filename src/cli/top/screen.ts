import { writeSync } from 'node:fs';

/** The second screen of a terminal, without a cursor; and back to the first one. */
const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
/** Drawn at once where the terminal can do that. */
const [together, shown] = ['\u001b[?2026h', '\u001b[?2026l'];

const exitCodes = { SIGINT: 0, SIGTERM: 143, SIGHUP: 129 } as const;

/** Takes the terminal, and gives it back as it was, whatever way the process ends but SIGKILL. */
export class Screen {
  #entered = false;
  readonly #restore = () => this.leave();
  readonly #again = () => this.#show();

  constructor(
    private readonly onKey: (key: string) => void,
    private readonly onResize: () => void,
  ) {}

  enter(): void {
    process.on('exit', this.#restore);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => process.exit(exitCodes[signal]));
    }
    process.on('SIGCONT', this.#again);
    process.stdout.on('resize', this.onResize);
    // A terminal that is gone has neither keys nor a screen.
    process.stdin.on('error', () => process.exit(1)).on('end', () => process.exit(1));
    process.stdin.on('data', (bytes: Buffer) => this.onKey(bytes.toString()));
    this.#show();
  }

  draw(lines: string[]): void {
    if (this.#entered) process.stdout.write(`${together}\u001b[H${lines.join('\u001b[K\r\n')}\u001b[K\u001b[J${shown}`);
  }

  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    process.off('exit', this.#restore).off('SIGCONT', this.#again);
    process.stdout.off('resize', this.onResize);
    try {
      process.stdin.setRawMode(false).pause();
      writeSync(1, leave);
    } catch {
      // It is gone.
    }
  }

  /** Also after it was stopped, when the shell has had the terminal. */
  #show(): void {
    process.stdin.setRawMode(true).resume();
    this.#entered = true;
    process.stdout.write(enter);
    this.onResize();
  }
}
