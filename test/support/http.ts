import { request } from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  status: number;
  type: string;
  body: string;
}

/** Sends a request, and gives the whole answer. */
export function send(options: object, body?: string): Promise<Answer> {
  return new Promise((done, failed) => {
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => {
        const [type = ''] = (response.headers['content-type'] ?? '').split(';');
        done({ status: response.statusCode ?? 0, type, body: text });
      });
      response.once('error', failed);
    });
    sent.once('error', failed).end(body);
  });
}

/** Sends bytes to a Unix socket and ends its side, as `nc -N` does. Gives what comes back until the other side ends too. */
export function sendAndEnd(path: string, bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    let text = '';
    const socket = connect({ path, allowHalfOpen: true }, () => socket.end(bytes));
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.once('end', () => done(text)).once('error', failed);
  });
}

/** What a server on this machine answers to one GET, on a connection of its own. */
export async function get(port: number, path = '/'): Promise<string> {
  return (await send({ host: '127.0.0.1', port, path, agent: false })).body;
}
