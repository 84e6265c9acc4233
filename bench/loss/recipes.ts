import { resolve } from 'node:path';
import type { Server } from './server.ts';

/** What makes a worker leave, and where it may be told too early. */
const leaving = [
  'deploy',
  'grow, shrink',
  'aborted deploy',
  'SIGTERM to a worker',
  'SIGTERM to all',
  'stop',
  'supervisor killed',
];

/** They end their process, or answer 503, as soon as it gets SIGTERM from anyone: no drain can be before that. */
const endedBySigterm = ['exit-hook', 'terminus', 'fastify-graceful-shutdown'];

const script = (name: string) => resolve(`bench/loss/servers/${name}.js`);

/** A server that ends itself when it is told to, in a way that resets what is still connected. */
const recipe = (name: string): Server => ({
  name,
  script: script(name),
  events: [...leaving, 'offline'].filter((event) => !endedBySigterm.includes(name) || !event.startsWith('SIGTERM')),
  environment: { KEEP_ALIVE_TIMEOUT: '2000' },
  kinds: [
    { name: `${name}: fresh`, kind: 'fresh', clients: 1 },
    { name: `${name}: busy`, kind: 'busy', clients: 2 },
    { name: `${name}: think time`, kind: 'think', clients: 8 },
    { name: `${name}: 300 ms`, kind: 'slow', clients: 3 },
  ],
});

/** What people's servers do when they are asked to leave, and what their clients do then. */
export const recipes: Server[] = [
  ...['old-close', 'old-exit', 'exit-hook', 'metrics', 'terminus', 'http-terminator', 'close-with-grace'].map(recipe),
  ...['express-graceful-exit', 'fastify-graceful-shutdown', 'nest'].map(recipe),
  {
    name: 'slow-websocket',
    script: script('slow-websocket'),
    events: leaving,
    options: ['--drain-spread', '1'],
    kinds: [{ name: 'WebSocket, 200 ms to answer', kind: 'websocket', clients: 16 }],
  },
  {
    name: 'shared pool',
    script: resolve('examples/sse/server.js'),
    events: leaving,
    options: ['--drain-timeout', '1'],
    kinds: [{ name: 'requests and streams in one pool', kind: 'pool', clients: 4 }],
  },
  ...['', 'tryShutdown'].map((onShutdown) => ({
    name: `grpc${onShutdown && `, ${onShutdown}`}`,
    script: script('grpc'),
    events: leaving,
    environment: { ON_SHUTDOWN: onShutdown },
    options: ['--drain-timeout', '2'],
    kinds: [
      { name: `gRPC calls${onShutdown && `, ${onShutdown}`}`, kind: 'grpc' as const, clients: 4 },
      { name: `gRPC streams${onShutdown && `, ${onShutdown}`}`, kind: 'grpcStream' as const, clients: 2 },
    ],
  })),
];
