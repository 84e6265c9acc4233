// An ordinary WebSocket server (ws) that sends back what it is sent. It knows nothing of naught, which closes the WebSockets of
// a leaving worker with 1001, spread over `--drain-spread`: `naught start --online-on listening examples/ws/server.js`
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((_request, response) => response.end('connect with a WebSocket\n'));
const sockets = new WebSocketServer({ server });

sockets.on('connection', (socket) => {
  socket.on('error', (error) => console.error(error.message));
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', () => console.log('ws listens'));
