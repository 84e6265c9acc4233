import { createSocket } from 'node:dgram';
import { expect, it } from 'vitest';
import { freePort } from '../../bench/port.ts';
import { eventually } from '../support/eventually.ts';
import { Naught } from '../support/naught.ts';

const echo = `
  const socket = require('dgram').createSocket('udp4');
  socket.on('message', (text, { port, address }) => setTimeout(() => socket.send(text, port, address), 50));
  socket.bind(process.env.PORT, '127.0.0.1', () => process.send('online'));
`;

it('loses and doubles no datagram in deploys, though an answer takes its time', async () => {
  await using naught = new Naught();
  const port = await freePort();
  naught.env = { PORT: String(port) };
  await naught.start(['--worker-count', '2', naught.write('server.js', echo)]);
  const answers = new Map<number, number>();
  const client = createSocket('udp4').on('message', (text) => {
    const number = Number(text);
    answers.set(number, (answers.get(number) ?? 0) + 1);
  });
  let sent = 0;
  const sending = setInterval(() => client.send(String(sent++), port, '127.0.0.1'), 5);
  for (let deploy = 0; deploy < 2; deploy++) expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  clearInterval(sending);
  await eventually(() => (answers.size === sent ? true : undefined)).catch(() => {});
  client.close();
  expect(answers.size).toBe(sent);
  expect([...answers.values()].filter((count) => count > 1)).toEqual([]);
});
