import type { Client } from './client.ts';
import { grpc, grpcStream } from './grpc.ts';
import { fresh, keepAlive, pipelined, upload } from './http.ts';
import { http2 } from './http2.ts';
import { pool } from './pool.ts';
import { sse } from './sse.ts';
import { websocket } from './websocket.ts';

/** What a client does, over and over. */
export const kinds = {
  fresh,
  busy: keepAlive({}),
  think: keepAlive({ think: (limit) => Math.random() * 1.2 * limit }),
  near: keepAlive({ think: (limit) => limit - Math.random() * 40 }),
  rude: keepAlive({ think: (limit) => limit - 50 + Math.random() * 100, honours: false }),
  slow: keepAlive({ path: '/slow' }),
  upload,
  pipelined,
  websocket,
  sse,
  pool,
  http2,
  grpc,
  grpcStream,
} satisfies Record<string, (client: Client) => Promise<void>>;

export type KindName = keyof typeof kinds;
