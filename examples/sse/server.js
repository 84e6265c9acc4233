// An ordinary server of server-sent events: one every 50 ms, numbered, for ever. It knows nothing of naught, which ends the streams
// of a leaving worker at `--drain-timeout`, and clients come back: `naught start --online-on listening examples/sse/server.js`
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  if (request.url !== '/events') return response.end('curl -N http://localhost:3000/events\n');
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 100\n\n');
  let id = 0;
  const timer = setInterval(() => {
    id += 1;
    response.write(`id: ${id}\ndata: ${process.pid}\n\n`);
  }, 50);
  response.on('close', () => clearInterval(timer));
});

server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', () => console.log('sse listens'));
