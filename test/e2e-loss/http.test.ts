import { it } from 'vitest';
import { expectNothingLost } from './support.ts';

const harmless = ['deploy', 'aborted deploy', 'control killed', 'failed deploy', 'grow, shrink'];

it.concurrent('loses no request of any kind while a plain HTTP server is deployed to, scaled, and its control killed', () =>
  expectNothingLost('http', ...harmless));

it.concurrent('loses no request of any kind while releases are rolled out, undone in their bake, and rolled back', () =>
  expectNothingLost('http', 'rolling deploy', 'canary undone', 'release undone', 'rollback'));

it.concurrent('loses no request over TLS', () => expectNothingLost('https', 'deploy', 'aborted deploy'));

it.concurrent('refuses no request when the only worker is killed, and loses none but those inside it', () =>
  expectNothingLost('http', 'the only one killed'));

it.concurrent('refuses no request when all workers are killed at once, and loses none but those inside them', () =>
  expectNothingLost('https', 'all killed at once'));
