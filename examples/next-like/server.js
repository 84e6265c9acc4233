// A custom server as Next.js has them: a framework that is prepared first, takes a while, and then handles every request of a plain
// node:http server, streaming the page in pieces. It knows nothing of naught:
// `naught start --online-on listening examples/next-like/server.js`
import { createServer } from 'node:http';
import { framework } from './framework.js';

const port = Number(process.env.PORT ?? 3000);
const host = process.env.HOST ?? '127.0.0.1';
const app = framework({ version: process.env.VERSION ?? '1' });
const handle = app.getRequestHandler();

await app.prepare();
createServer((request, response) => {
  handle(request, response, new URL(request.url ?? '/', `http://${host}:${port}`)).catch((error) => {
    console.error(error);
    response.destroy();
  });
}).listen(port, host, () => console.log(`> Ready on http://${host}:${port}`));
