import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A raw connection: what is sent and received is seen to the byte. */
export class Connection {
  readonly socket: Socket;
  /** How the connection ended: `end` in order, or the code of the error. */
  readonly ended: Promise<string>;
  received = '';
  over = false;
  #looks = new Set<() => void>();

  /** Connects to a port of 127.0.0.1 or to a path. Fails with the code of the error. */
  static async open(to: number | string, tls = false): Promise<Connection> {
    const where = typeof to === 'string' ? { path: to } : { port: to, host: '127.0.0.1' };
    const socket = tls ? connectTls({ ...where, rejectUnauthorized: false }) : connect(where);
    const connection = new Connection(socket);
    return new Promise((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', () => resolve(connection));
      void connection.ended.then(reject);
    });
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      for (const look of this.#looks) look();
    });
    let code = 'end';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code ?? 'error';
    });
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.over = true;
        resolve(code);
      });
    });
  }

  send(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Sends a request without a body. */
  get(path: string, headers = ''): void {
    this.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`);
  }

  /** What has been received, once `text` is in it. Then it is forgotten. */
  async until(text: string): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!this.received.includes(text)) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      void this.ended.then((how) => reject(new Error(`${how} instead of ${JSON.stringify(text)}: ${this.received}`)));
      look();
    });
    const { received } = this;
    this.received = '';
    return received;
  }

  /** Requests and receives `text`. */
  async request(path: string, text: string): Promise<string> {
    this.get(path);
    return this.until(text);
  }
}
