// An Express server with a bug: a handler that throws outside of Express's reach. With `guard` only the request that threw is
// answered 500; the others finish, a replacement serves, and then the worker exits 1 with the error on stderr. It is started with
// `naught start --online-on listening examples/crash/server.js`
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { guard } from 'naught2/worker';

const version = process.env.VERSION ?? '1';
const app = express();

app.get('/', (_request, response) => {
  response.json({ version, slot: process.env.NAUGHT_WORKER, pid: process.pid });
});

app.get('/slow', async (_request, response) => {
  await sleep(300);
  response.json({ version, pid: process.pid });
});

app.post('/upload', (request, response) => {
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
  });
  request.on('end', () => response.json({ version, bytes }));
});

// Express answers what a handler throws at once; this is thrown from a timer, where only the process hears of it.
app.get('/crash', () => {
  setTimeout(() => {
    throw new Error('the bug');
  }, 10);
});

const server = app.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`crash ${version} listens`);
});
guard(server);
