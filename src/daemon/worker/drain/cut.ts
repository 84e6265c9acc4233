import type { CutConnections, HeldConnections } from '../../worker-link.ts';
import { report } from '../report-pipe.ts';
import { connections, countConnections } from './connections.ts';
import { responseOf } from './responses.ts';
import type { Servers } from './servers.ts';
import type { Upgrades } from './upgrades.ts';
import { sayGoingAway } from './websockets.ts';

let reported = false;

/**
 * Reports what is lost with the process: at the drain deadline, or when the application exits by itself. Once: what was ended
 * properly is still there when the process exits.
 */
export function reportCut(servers: Servers, upgrades: Upgrades): void {
  if (reported) return;
  // Idle connections lose nothing. Afterwards, those that are left without a response have sent a part of a request, or nothing yet.
  for (const { server } of servers.open) server.closeIdleConnections?.();
  const lost = cutOf(countConnections(servers, upgrades));
  reported = Object.values(lost).some((count) => count > 0);
  if (reported) report({ type: 'cut', connections: lost });
}

/** What the process would cut if it ended with these. */
export function cutOf({ idle, ...counts }: HeldConnections): CutConnections {
  return { ...counts, other: counts.other + idle };
}

/** The drain deadline ends what can be ended properly. A download is not: its client would take the part for the whole. */
export function endProperly(servers: Servers, upgrades: Upgrades): void {
  for (const { kind, socket } of [...connections(servers, upgrades)]) {
    if (!socket) continue;
    if (kind === 'streams') responseOf(socket)?.end();
    if (kind === 'websockets' && upgrades.get(socket)?.answered) sayGoingAway(socket);
    if (kind === 'websockets' || kind === 'idle') socket.end();
  }
}
