import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

/** New connections a second. */
const rate = 200;
/** A request that takes longer, in milliseconds, is lost. */
const hungMs = 30_000;

/** How long new connections waited for their answers, in milliseconds. */
export interface Waits {
  ms: number[];
  lost: number;
}

/**
 * Requests at a steady rate, each on a connection of its own and sent when its time has come, whatever became of those before: an
 * answer that is late delays nobody's question. In a process of its own.
 */
export class Clients {
  readonly #process: ChildProcess = fork(process.argv[1] as string, ['--clients'], { execArgv: [] });

  async start(port: number): Promise<void> {
    this.#process.send(port);
    await once(this.#process, 'message');
  }

  /** Those that are under way are waited for. */
  async stop(): Promise<Waits> {
    this.#process.send(0);
    const [waits] = await once(this.#process, 'message');
    return waits;
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
  }
}

/** What the process does: a port begins a run, 0 ends it. */
export function runClients(): void {
  let timer: NodeJS.Timeout | undefined;
  let requests: Promise<number | null>[] = [];
  process.on('message', async (port: number) => {
    clearInterval(timer);
    if (port === 0) {
      const ms = await Promise.all(requests);
      process.send?.({ ms: ms.filter((each) => each !== null), lost: ms.filter((each) => each === null).length });
      requests = [];
      return;
    }
    const began = performance.now();
    timer = setInterval(() => {
      const due = ((performance.now() - began) * rate) / 1000;
      while (requests.length < due) requests.push(request(port, began + (requests.length * 1000) / rate));
    }, 1);
    process.send?.('started');
  });
  process.on('disconnect', () => process.exit());
}

/** Milliseconds from when it was due to the end of its answer; null: it was not answered. */
function request(port: number, due: number): Promise<number | null> {
  return new Promise((done) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    });
    socket.setTimeout(hungMs, () => socket.destroy());
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    socket.on('close', () => done(answer.endsWith('\r\nok') ? performance.now() - due : null));
  });
}
