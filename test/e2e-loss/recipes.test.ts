import { it } from 'vitest';
import { expectNothingLost } from './support.ts';

it.concurrent("loses nothing of a server of the old manual that says 'offline', or is terminated with its group", () =>
  expectNothingLost('old-close', 'offline', 'SIGTERM to all'));

it.concurrent("loses nothing of exit-hook, which ends the process as soon as it hears 'shutdown'", () =>
  expectNothingLost('exit-hook', 'deploy', 'offline', 'supervisor killed'));

it.concurrent("stops a worker whose library listens to 'message' for something else and has a timer", () =>
  expectNothingLost('metrics', 'stop'));

it.concurrent('loses no request of Nest with its shutdown hooks', () =>
  expectNothingLost('nest', 'deploy', 'SIGTERM to a worker'));

it.concurrent('closes a WebSocket when the application has answered what it was sent', () =>
  expectNothingLost('slow-websocket', 'deploy', 'stop'));

it.concurrent('answers the request behind an event stream that was cut', () =>
  expectNothingLost('shared pool', 'deploy', 'SIGTERM to a worker'));

it.concurrent.each(['grpc', 'grpc, tryShutdown'])('loses no call of gRPC beside endless streams (%s)', (name) =>
  expectNothingLost(name, 'deploy', 'SIGTERM to a worker'),
);
