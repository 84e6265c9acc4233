// A WebSocket server that thinks for 200 ms before it answers a message.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((_request, response) => response.end('connect with a WebSocket\n'));

new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', (error) => console.error(error.message));
  socket.on('message', (data, binary) => setTimeout(() => socket.send(data, { binary }), 200));
});

server.listen(Number(process.env.PORT), '127.0.0.1');
