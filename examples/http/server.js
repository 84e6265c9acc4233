// An ordinary server of node:http, or of node:https when TLS_KEY and TLS_CERT name files. It knows nothing of naught:
// `naught start --online-on listening examples/http/server.js`
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

const {
  VERSION = '1',
  PORT = '3000',
  HOST = '127.0.0.1',
  KEEP_ALIVE_TIMEOUT = '5000',
  TLS_KEY,
  TLS_CERT,
} = process.env;

const server =
  TLS_KEY && TLS_CERT
    ? createTlsServer({ key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERT) }, answer)
    : createServer(answer);
server.keepAliveTimeout = Number(KEEP_ALIVE_TIMEOUT);
server.listen({ port: Number(PORT), host: HOST }, () => console.log(`http ${VERSION} listens`));

function answer(request, response) {
  if (request.method === 'POST') return upload(request, response);
  if (request.url === '/slow') return void setTimeout(() => json(response, { version: VERSION }), 300);
  json(response, { version: VERSION, slot: process.env.NAUGHT_WORKER, pid: process.pid });
}

// Answers with the number of bytes that arrived: an upload that a deploy cuts would be short.
function upload(request, response) {
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
  });
  request.on('end', () => json(response, { version: VERSION, bytes }));
}

function json(response, body) {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}
