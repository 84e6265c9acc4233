import { once } from 'node:events';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type * as Undici from 'undici';

// From where the project is: a bundled program lies elsewhere. Node 20 has no WebSocket of its own.
const { WebSocket } = createRequire(resolve('package.json'))('undici') as typeof Undici;

/** An answer that takes longer than this, in milliseconds, will not come. */
const hungMs = 15_000;

/** Evaluates expressions in another process of Node, by its inspector. */
export class Inspector {
  #next = 1;

  private constructor(private readonly socket: Undici.WebSocket) {}

  /** For a `start` whose supervisor or control is to be attached to. Signals open no inspector there. */
  static environment(program: 'supervisor' | 'control', port: number): Record<string, string> {
    const required = JSON.stringify(resolve('bench/logs/inspected.cjs'));
    return { NAUGHT_NODE_OPTIONS: `--require ${required}`, NAUGHT_NODE_INSPECTED: `${program} ${port}` };
  }

  /** `port`: that of `environment`. */
  static async attach(port: number): Promise<Inspector> {
    const socket = new WebSocket(await urlOf(port));
    await once(socket as unknown as EventTarget, 'open');
    return new Inspector(socket);
  }

  async evaluate(expression: string): Promise<unknown> {
    const id = this.#next++;
    const params = { expression, includeCommandLineAPI: true, returnByValue: true };
    this.socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }));
    for (;;) {
      const signal = AbortSignal.timeout(hungMs);
      const [message] = (await once(this.socket as unknown as EventTarget, 'message', { signal })) as [
        { data: string },
      ];
      const answer = JSON.parse(message.data);
      if (answer.id !== id) continue;
      if (answer.result?.exceptionDetails) throw new Error(JSON.stringify(answer.result.exceptionDetails));
      return answer.result?.result?.value;
    }
  }

  close(): void {
    this.socket.close();
  }
}

async function urlOf(port: number): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as [
        { webSocketDebuggerUrl: string },
      ];
      return target.webSocketDebuggerUrl;
    } catch (error) {
      if (attempt === 100) throw error;
      await setTimeout(20);
    }
  }
}
