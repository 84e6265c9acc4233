// Leaves on SIGTERM.
import fastify from 'fastify';
import gracefulShutdown from 'fastify-graceful-shutdown';

const { PORT, KEEP_ALIVE_TIMEOUT } = process.env;

const app = fastify({ keepAliveTimeout: Number(KEEP_ALIVE_TIMEOUT) });
app.register(gracefulShutdown);
app.get('/', async () => ({ pid: process.pid }));
app.get('/slow', async () => {
  await new Promise((done) => setTimeout(done, 300));
  return { pid: process.pid };
});
app.get('/offline', async () => {
  process.send('offline');
  return { pid: process.pid };
});

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
