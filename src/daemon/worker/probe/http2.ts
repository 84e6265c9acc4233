import type { Duplex } from 'node:stream';
import { type Answer, shownBytes } from './http1.ts';

/** Asks over HTTP/2: the server has loaded node:http2 already. Rejects when there is no whole answer. */
export async function askHttp2(socket: Duplex, path: string, origin: string): Promise<Answer> {
  const { connect } = process.getBuiltinModule('node:http2');
  const session = connect(origin, { createConnection: () => socket });
  try {
    return await new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      session.on('error', reject);
      const stream = session.request({ ':path': path, 'user-agent': 'naught', accept: '*/*' });
      stream.on('response', (headers) => {
        status = headers[':status'] ?? 0;
      });
      stream.on('data', (chunk: Buffer) => {
        if (Buffer.concat(chunks).length < shownBytes) chunks.push(chunk);
      });
      stream.on('end', () => resolve({ status, body: Buffer.concat(chunks).subarray(0, shownBytes).toString() }));
      stream.on('error', reject);
      stream.on('close', () => reject(new Error('its stream was ended without an answer')));
    });
  } finally {
    session.destroy();
  }
}
