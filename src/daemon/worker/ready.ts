import type { Server } from 'node:net';
import type { Servers } from './drain/servers.ts';
import { online } from './public/say.ts';
import { report } from './reporter.ts';

/** Reports the first server that listens, and with `listening` says 'online' for the application, unless `online()` did. */
export function watchReady(servers: Servers, onlineOn: 'message' | 'listening'): void {
  servers.once('listening', ({ server }) => {
    report({ report: 'listening', address: addressText(server) });
    // The application's own listeners come first: one of them may call online().
    if (onlineOn === 'listening') process.nextTick(online);
  });
}

function addressText(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return address ?? '';
  return `${address.address}:${address.port}`;
}
