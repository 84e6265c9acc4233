// An ordinary HTTP/2 server: over TLS, HTTP/1 included, when TLS_KEY and TLS_CERT name files; in plain text otherwise. It knows
// nothing of naught: `naught start --online-on listening examples/http2/server.js`
import { readFileSync } from 'node:fs';
import { createSecureServer, createServer } from 'node:http2';

const { VERSION = '1', PORT = '3000', HOST = '127.0.0.1', TLS_KEY, TLS_CERT } = process.env;

const server =
  TLS_KEY && TLS_CERT
    ? createSecureServer({ key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERT), allowHTTP1: true }, answer)
    : createServer(answer);
server.listen(Number(PORT), HOST, () => console.log(`http2 ${VERSION} listens`));

function answer(request, response) {
  const text = JSON.stringify({ version: VERSION, http: request.httpVersion, pid: process.pid });
  const send = () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  if (request.url === '/slow') setTimeout(send, 300);
  else send();
}
