import type { Client } from './client.ts';
import { parseHead } from './response.ts';
import { type Parse, Wire } from './wire.ts';

const handshake = `GET / HTTP/1.1
Host: test
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

`.replaceAll('\n', '\r\n');

const text = 0x1;
const close = 0x8;
const goingAway = 1001;

/**
 * How long before the close frame a message may have been sent that the server has not seen, in milliseconds: the two have crossed. An
 * older one was in the hands of the application.
 */
const crossedMs = 100;

/** Numbered messages, each of which must come back; a close frame of 1001 sends the client elsewhere with one that has just been sent. */
export async function websocket(client: Client): Promise<void> {
  while (client.running) {
    const wire = new Wire(client.target);
    client.begin();
    wire.write(handshake);
    const head = await wire.next(parseHead);
    if ('lost' in head) client.count(head.lost, wire, 'handshake');
    else if (head.value.status !== 101) client.count('torn', wire, `handshake: ${head.value.status}`);
    else {
      client.count('ok', wire);
      await talk(client, wire);
    }
    wire.close();
    await client.think(5);
  }
}

async function talk(client: Client, wire: Wire): Promise<void> {
  for (let number = 1; client.mode !== 'stop'; number++) {
    client.begin();
    const sent = performance.now();
    wire.write(frame(text, Buffer.from(String(number))));
    const answer = await wire.next(parseFrame);
    if ('lost' in answer) return client.count(answer.lost, wire, `message ${number}`);
    const { opcode, payload } = answer.value;
    if (opcode === close) return farewell(client, wire, payload, performance.now() - sent);
    client.count(payload.toString() === String(number) ? 'ok' : 'torn', wire, `message ${number}: ${payload}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

/** Answers the close frame; then the server must end the connection. */
async function farewell(client: Client, wire: Wire, payload: Buffer, age: number): Promise<void> {
  wire.write(frame(close, payload));
  const code = payload.readUInt16BE();
  const ended = await wire.ended();
  if (code === goingAway && ended && age < crossedMs) client.count('again', wire);
  else client.count(ended ? 'torn' : 'hung', wire, `closed with ${code}, ${Math.round(age)} ms after a message`);
}

const parseFrame: Parse<{ opcode: number; payload: Buffer }> = (received) => {
  const bytes = Buffer.from(received, 'latin1');
  const [first, length] = bytes;
  if (first === undefined || length === undefined || bytes.length < 2 + length) return undefined;
  return { value: { opcode: first & 0xf, payload: bytes.subarray(2, 2 + length) }, length: 2 + length };
};

/** A short frame, whole, masked with zeros as a client may. */
function frame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
