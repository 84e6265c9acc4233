// An ordinary Fastify server that naught can deploy: it says 'online' when it listens. Leaving without losing a request is
// naught's part (`--drain auto`).
import fastify from 'fastify';

const version = process.env.VERSION ?? '1';
const app = fastify({ logger: true, bodyLimit: 16 * 1024 * 1024 });

app.get('/', async () => ({ version, slot: process.env.NAUGHT_WORKER, pid: process.pid }));

// Takes 300 ms: a deploy must let it finish.
app.get('/slow', async () => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { version };
});

// Answers with the number of bytes that arrived: an upload that a deploy cuts would be short.
app.addContentTypeParser('*', (_request, payload, done) => {
  let bytes = 0;
  payload.on('data', (chunk) => {
    bytes += chunk.length;
  });
  payload.on('end', () => done(null, { bytes }));
});
app.post('/upload', async (request) => ({ version, bytes: request.body?.bytes ?? 0 }));

await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' });
process.send?.('online');
