// As its own manual shows it for naught. Once it has been told, it answers with an empty page.
import express from 'express';
import { gracefulExitHandler, init, middleware } from 'express-graceful-exit';

const { PORT, KEEP_ALIVE_TIMEOUT } = process.env;

const app = express();
app.use(middleware(app));
app.get('/', (_request, response) => response.json({ pid: process.pid }));
app.get('/slow', (_request, response) => setTimeout(() => response.json({ pid: process.pid }), 300));
app.get('/offline', (_request, response) => {
  process.send('offline');
  response.json({ pid: process.pid });
});

const server = app.listen(Number(PORT), '127.0.0.1');
server.keepAliveTimeout = Number(KEEP_ALIVE_TIMEOUT);
init(server);

process.on('message', (message) => {
  if (message === 'shutdown') gracefulExitHandler(app, server);
});
