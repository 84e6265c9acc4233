// An ordinary Express server that naught can deploy: it says 'online' when it listens. Leaving without losing a request is
// naught's part (`--drain auto`).
import express from 'express';

const version = process.env.VERSION ?? '1';
const app = express();

app.get('/', (_request, response) => {
  response.json({ version, slot: process.env.NAUGHT_WORKER, pid: process.pid });
});

// Takes 300 ms: a deploy must let it finish.
app.get('/slow', (_request, response) => {
  setTimeout(() => response.json({ version }), 300);
});

// Answers with the number of bytes that arrived: an upload that a deploy cuts would be short.
app.post('/upload', (request, response) => {
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
  });
  request.on('end', () => response.json({ version, bytes }));
});

app.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`express ${version} listens`);
  process.send?.('online');
});
