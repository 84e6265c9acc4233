import { resolve } from 'node:path';
import { recipes } from './recipes.ts';
import type { Kind, Server } from './server.ts';

const certificate = {
  TLS_KEY: resolve('bench/loss/certificate/key.pem'),
  TLS_CERT: resolve('bench/loss/certificate/cert.pem'),
};
/** Idle connections are promised 2 s, so that a worker is gone 3 s after its last request. */
const keepAliveTimeout = { KEEP_ALIVE_TIMEOUT: '2000' };

const mix = (name: string): Kind[] => [
  { name: `${name}: fresh`, kind: 'fresh', clients: 2 },
  { name: `${name}: busy`, kind: 'busy', clients: 1 },
  { name: `${name}: 300 ms`, kind: 'slow', clients: 2 },
];

const example = (name: string) => resolve(`examples/${name}/server.js`);

/** Every server and kind of the table, in its order. */
export const servers: Server[] = [
  {
    name: 'http',
    script: example('http'),
    environment: keepAliveTimeout,
    kinds: [
      { name: 'fresh connections', kind: 'fresh', clients: 4 },
      { name: 'busy keep-alive', kind: 'busy', clients: 2 },
      { name: 'keep-alive with think time', kind: 'think', clients: 12 },
      { name: 'idle to the last promised moment', kind: 'near', clients: 12 },
      { name: '300 ms responses', kind: 'slow', clients: 4 },
      { name: '1 MB uploads', kind: 'upload', clients: 3 },
      { name: 'pipelined', kind: 'pipelined', clients: 2 },
    ],
  },
  {
    name: 'https',
    script: example('http'),
    tls: true,
    environment: { ...certificate, ...keepAliveTimeout },
    kinds: [
      { name: 'HTTPS: fresh', kind: 'fresh', clients: 2 },
      { name: 'HTTPS: busy', kind: 'busy', clients: 1 },
      { name: 'HTTPS: think time', kind: 'think', clients: 6 },
      { name: 'HTTPS: uploads', kind: 'upload', clients: 2 },
    ],
  },
  {
    name: 'http2',
    script: example('http2'),
    kinds: [{ name: 'HTTP/2', kind: 'http2', clients: 4 }],
  },
  {
    name: 'http2s',
    script: example('http2'),
    tls: true,
    environment: certificate,
    kinds: [
      { name: 'HTTP/2 over TLS', kind: 'http2', clients: 3 },
      { name: 'HTTP/1 beside it', kind: 'busy', clients: 1 },
    ],
  },
  {
    name: 'ws',
    script: example('ws'),
    options: ['--drain-spread', '1'],
    kinds: [{ name: 'WebSocket', kind: 'websocket', clients: 8 }],
  },
  {
    name: 'sse',
    script: example('sse'),
    options: ['--drain-timeout', '1'],
    kinds: [{ name: 'SSE', kind: 'sse', clients: 6 }],
  },
  { name: 'express', script: example('express'), kinds: mix('Express') },
  { name: 'fastify', script: example('fastify'), kinds: mix('Fastify') },
  { name: 'koa', script: example('koa'), kinds: mix('Koa') },
  { name: 'next-like', script: example('next-like'), kinds: mix('Next-like') },
  {
    name: 'crash',
    script: example('crash'),
    events: ['crash, guarded', 'deploy'],
    kinds: [...mix('guarded'), { name: 'guarded: uploads', kind: 'upload', clients: 2 }],
  },
  {
    name: 'rude',
    script: example('http'),
    environment: keepAliveTimeout,
    kinds: [{ name: 'idle beyond the promise (informal)', kind: 'rude', clients: 12, informal: true }],
  },
  ...recipes,
];
