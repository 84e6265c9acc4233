import { Inspector } from '../../bench/logs/inspector.ts';

/** Notes which turn of the event loop took most: by the CPU time of the main thread, which a busy machine does not prolong. */
const watch = `{
  const { readFileSync } = require('node:fs');
  const cpu = () => Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  let last = cpu();
  globalThis.longestTurn = 0;
  const turn = () => {
    const now = cpu();
    globalThis.longestTurn = Math.max(globalThis.longestTurn, now - last);
    last = now;
    setTimeout(turn, 1);
  };
  turn();
}`;

/** How long one of naught's processes is busy in one go: CPU milliseconds, up to two too many. */
export class Turns implements Disposable {
  private constructor(private readonly inspector: Inspector) {}

  /** `port`: see `Inspector.environment`. */
  static async of(port: number): Promise<Turns> {
    const inspector = await Inspector.attach(port);
    await inspector.evaluate(watch);
    return new Turns(inspector);
  }

  /** Returns the longest one since the last call. */
  async longest(): Promise<number> {
    return Number(await this.inspector.evaluate('{ const turn = longestTurn; longestTurn = 0; turn; }'));
  }

  [Symbol.dispose](): void {
    this.inspector.close();
  }
}
