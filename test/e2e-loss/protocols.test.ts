import { it } from 'vitest';
import { expectNothingLost } from './support.ts';

const harmless = ['deploy', 'aborted deploy', 'control killed', 'failed deploy'];

it.concurrent('loses no HTTP/2 request: one that GOAWAY refuses is sent again', () =>
  expectNothingLost('http2', ...harmless));

it.concurrent('loses no HTTP/2 request over TLS, nor one of HTTP/1 beside it', () =>
  expectNothingLost('http2s', 'deploy'));

it.concurrent('closes every WebSocket with 1001 and loses no message', () => expectNothingLost('ws', ...harmless));

it.concurrent('ends every stream of server-sent events in order', () => expectNothingLost('sse', ...harmless));
