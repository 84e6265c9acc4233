import type { Duplex } from 'node:stream';

/** What a server has answered. */
export interface Answer {
  status: number;
  body: string;
}

/** Bytes of a body that are shown to people. */
export const shownBytes = 500;

/** Bytes that are kept of an answer: its head, and the part of its body that is shown. */
const keptBytes = 64 * 1024;

/**
 * Asks over HTTP/1.0, as proxies do: the answer comes without chunks, and ends with its connection. Not by node:http's client, which
 * what the application has installed for its own requests would see. Rejects when there is no whole answer.
 */
export async function askHttp1(socket: Duplex, path: string, host: string): Promise<Answer> {
  socket.write(
    `GET ${path} HTTP/1.0\r\nHost: ${host}\r\nUser-Agent: naught\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    if (received.length < keptBytes) received = Buffer.concat([received, chunk]);
  }
  return parse(received);
}

function parse(received: Buffer): Answer {
  if (received.length === 0) throw new Error('its connection was ended without an answer');
  let rest = received;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(rest.subarray(0, 12).toString('latin1')) ?? [];
    if (status === undefined || end < 0) throw new Error('what it answers is not HTTP');
    rest = rest.subarray(end + 4);
    // Interim answers come before the one.
    if (Number(status) >= 200) return { status: Number(status), body: rest.subarray(0, shownBytes).toString() };
  }
}
