import { it } from 'vitest';
import { expectNothingLost } from './support.ts';

it.concurrent('tells a server of the old manual to close when its clients have left: none is reset', () =>
  expectNothingLost('old-close', 'deploy', 'offline', 'SIGTERM to all'));

it.concurrent('loses nothing with exit-hook, which ends the process as soon as it hears of the shutdown', () =>
  expectNothingLost('exit-hook', 'deploy', 'SIGTERM to a worker', 'supervisor killed'));

it.concurrent("lets a worker leave whose library listens to 'message' for something else and has a timer", () =>
  expectNothingLost('metrics', 'deploy', 'stop'));

it.concurrent('loses no request of Nest with its shutdown hooks', () =>
  expectNothingLost('nest', 'deploy', 'SIGTERM to a worker'));

it.concurrent('closes a WebSocket when the application has answered what it was sent', () =>
  expectNothingLost('slow-websocket', 'deploy', 'stop'));

it.concurrent('answers the request behind an event stream that was cut', () =>
  expectNothingLost('shared pool', 'deploy', 'SIGTERM to a worker'));

it.concurrent.each(['grpc', 'grpc, tryShutdown'])('loses no call of gRPC beside endless streams (%s)', (name) =>
  expectNothingLost(name, 'deploy', 'SIGTERM to a worker'),
);
