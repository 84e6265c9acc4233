import type { ChildProcess } from 'node:child_process';

/** How a command ended. */
export interface Ran {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A command that runs, and what it has said so far. */
export class Running {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ran>;
  readonly #waiting = new Set<() => void>();
  #over = false;

  constructor(readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
      this.#look();
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
      this.#look();
    });
    this.ended = new Promise((done) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        this.#look();
        done({ stdout: this.stdout, stderr: this.stderr, code, signal });
      });
    });
  }

  /** Waits until it says this on stderr. Throws when it ends without. */
  says(text: string): Promise<void> {
    return new Promise((done, failed) => {
      const look = () => {
        const said = this.stderr.includes(text);
        if (!said && !this.#over) return;
        this.#waiting.delete(look);
        if (said) done();
        else failed(new Error(`it ended without \`${text}\`:\n${this.stderr}`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
