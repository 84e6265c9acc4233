import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * What became of a request. ok: answered whole. refused: no connection. reset: the connection broke. empty: it ended before a
 * byte of the answer. torn: it ended within the answer, or the answer is wrong. hung: nothing for 15 s.
 */
export type Outcome = 'ok' | Loss;
export type Loss = 'refused' | 'reset' | 'empty' | 'torn' | 'hung';

/** Where a server listens. A path is that of a Unix socket. */
export type Target = ({ port: number; host?: string } | { path: string }) & { tls?: boolean };

/** Finds a message at the beginning of what has been received: the message and its length; undefined when it is not whole yet. */
export type Parse<T> = (received: string) => { value: T; length: number } | undefined;

const hungMs = 15_000;

/** A connection to the byte: nothing retries, reconnects or hides anything. Bytes are characters of latin1. */
export class Wire {
  readonly #socket: Socket;
  #received = '';
  #port: number | null = null;
  #end: 'end' | 'refused' | 'reset' | null = null;
  #onChange: (() => void) | null = null;

  constructor(target: Target) {
    const where = 'path' in target ? { path: target.path } : { port: target.port, host: target.host ?? '127.0.0.1' };
    this.#socket = target.tls ? connectTls({ ...where, rejectUnauthorized: false }) : connect(where);
    this.#socket.setNoDelay(true).setEncoding('latin1');
    this.#socket.on('connect', () => {
      this.#port = this.#socket.localPort ?? null;
    });
    this.#socket.on('data', (text: string) => {
      this.#received += text;
      this.#onChange?.();
    });
    this.#socket.on('end', () => this.#ended('end'));
    // 'error' comes before 'close', and says more.
    this.#socket.on('close', () => this.#ended('end'));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#ended(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'refused' : 'reset');
    });
  }

  /** The client's port; null on a Unix socket, and when it was not connected. */
  get port(): number | null {
    return this.#port;
  }

  /** The other side has ended it, or it broke. */
  get over(): boolean {
    return this.#end !== null;
  }

  write(data: string | Buffer): void {
    if (this.#socket.writable) this.#socket.write(data);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The next message, or how it was lost. */
  async next<T>(parse: Parse<T>): Promise<{ value: T } | { lost: Loss }> {
    const deadline = Date.now() + hungMs;
    for (;;) {
      const found = parse(this.#received);
      if (found) {
        this.#received = this.#received.slice(found.length);
        return { value: found.value };
      }
      if (this.#end) return { lost: this.#lostBy(this.#end) };
      if (Date.now() >= deadline) return { lost: 'hung' };
      await this.#changed(deadline - Date.now());
    }
  }

  /** Waits until the other side has ended the connection, in order or not; false when it has not for 15 s. */
  async ended(): Promise<boolean> {
    const lost = await this.next(() => undefined);
    return 'lost' in lost && lost.lost !== 'hung';
  }

  #lostBy(end: 'end' | 'refused' | 'reset'): Loss {
    if (end !== 'end') return end;
    return this.#received === '' ? 'empty' : 'torn';
  }

  #changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onChange = () => {
        clearTimeout(timer);
        this.#onChange = null;
        resolve();
      };
    });
  }

  #ended(end: 'end' | 'refused' | 'reset'): void {
    this.#end ??= end;
    this.#onChange?.();
  }
}
