// The server of node:http that the recipes beside it bring to its end, each in its own way.
import { createServer } from 'node:http';

const { PORT, KEEP_ALIVE_TIMEOUT } = process.env;

export const server = createServer(answer);
server.keepAliveTimeout = Number(KEEP_ALIVE_TIMEOUT);
server.listen(Number(PORT), '127.0.0.1');

function answer(request, response) {
  const send = () => response.end(JSON.stringify({ pid: process.pid }));
  if (request.url === '/offline') process.send('offline');
  if (request.url === '/slow') setTimeout(send, 300);
  else send();
}
