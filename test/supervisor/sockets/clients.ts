import net from 'node:net';

type Outcome = 'ok' | 'refused' | 'reset' | 'empty' | 'hung';
export type Tally = Record<Outcome, number>;
export type Target = net.NetConnectOpts;

export interface Answer {
  outcome: Outcome;
  /** The pid of the worker that answered. */
  text: string;
}

/** One fresh connection: connect, send a byte, read to the end. */
export function request(target: Target, onConnect = () => {}, hungMs = 8000): Promise<Answer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(target);
    const end = (outcome: Outcome) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve({ outcome, text });
    };
    const deadline = setTimeout(() => end('hung'), hungMs);
    socket.on('connect', () => {
      onConnect();
      socket.write('x');
    });
    socket.setEncoding('utf8').on('data', (data) => {
      text += data;
    });
    socket.on('end', () => end(text === '' ? 'empty' : 'ok'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'refused'),
    );
  });
}

/** So many connections at once. Resolves when all are connected, with their answers to come. */
export async function connectAll(target: Target, count: number): Promise<Promise<Answer>[]> {
  const answers: Promise<Answer>[] = [];
  const connected = Array.from(
    { length: count },
    () => new Promise<void>((resolve) => answers.push(request(target, resolve))),
  );
  await Promise.race([Promise.all(connected), Promise.all(answers)]);
  return answers;
}

/** Clients that make one fresh connection after the other, over all targets in turn, until `stop`. */
export class Load {
  readonly tally: Tally = { ok: 0, refused: 0, reset: 0, empty: 0, hung: 0 };
  readonly #clients: Promise<void>[];
  #waiters: { count: number; resolve(): void }[] = [];
  #stopped = false;

  constructor(targets: Target[], clients = 8, hungMs?: number) {
    this.#clients = Array.from({ length: clients }, (_, index) => this.#run(targets, index, hungMs));
  }

  /** Resolves after this many more good answers. */
  answers(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ count: this.tally.ok + count, resolve });
    });
  }

  async stop(): Promise<Tally> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    return this.tally;
  }

  async #run(targets: Target[], start: number, hungMs?: number): Promise<void> {
    for (let turn = start; !this.#stopped; turn++) {
      const { outcome } = await request(targets[turn % targets.length]!, undefined, hungMs);
      this.tally[outcome] += 1;
      const reached = this.#waiters.filter(({ count }) => count <= this.tally.ok);
      this.#waiters = this.#waiters.filter((waiter) => !reached.includes(waiter));
      for (const { resolve } of reached) resolve();
    }
  }
}
