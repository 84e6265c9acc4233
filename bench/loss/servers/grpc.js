// gRPC: a call that takes 100 ms, and a stream of numbers without an end. With ON_SHUTDOWN it leaves by itself, as its manual says.
import { Server, ServerCredentials } from '@grpc/grpc-js';

const method = (name, responseStream) => ({
  path: `/test.Test/${name}`,
  requestStream: false,
  responseStream,
  requestSerialize: (bytes) => bytes,
  requestDeserialize: (bytes) => bytes,
  responseSerialize: (bytes) => bytes,
  responseDeserialize: (bytes) => bytes,
});

const server = new Server();
server.addService(
  { echo: method('Echo', false), count: method('Count', true) },
  {
    echo: ({ request }, answer) => setTimeout(() => answer(null, request), 100),
    count: (call) => {
      let number = 0;
      const timer = setInterval(() => call.write(Buffer.from(String(++number))), 50);
      call.on('cancelled', () => clearInterval(timer));
    },
  },
);
server.bindAsync(`127.0.0.1:${process.env.PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});

if (process.env.ON_SHUTDOWN) {
  process.on('message', (message) => {
    if (message === 'shutdown') server.tryShutdown(() => process.exit(0));
  });
}
