import { it } from 'vitest';
import { expectNothingLost } from './support.ts';

const harmless = ['deploy', 'aborted deploy', 'failed deploy'];

it.concurrent.each(['express', 'fastify', 'koa', 'next-like'])('loses no request of the unchanged %s example', (name) =>
  expectNothingLost(name, ...harmless),
);

it.concurrent('loses only the request that throws when a guarded server crashes', () =>
  expectNothingLost('crash', 'crash, guarded', 'crash, guarded', 'deploy'));
