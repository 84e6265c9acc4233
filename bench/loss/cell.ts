import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type LostRequest, lost, type Tally } from './client/tally.ts';
import { Clients } from './clients.ts';
import { Daemon } from './daemon.ts';
import { Doomed } from './doomed.ts';
import type { LossEvent } from './events.ts';
import type { Kind, Server } from './server.ts';

export interface Cell {
  server: Server;
  kinds: Kind[];
  /** What happens, one after the other. */
  events: LossEvent[];
}

export interface CellResult {
  kind: Kind;
  tally: Tally;
  lost: number;
  /** Lost in a worker that was killed by SIGKILL, on a connection of its own. */
  inside: number;
  /** Lost where no loss is allowed. */
  forbidden: number;
  /** Of those, and why each was not inside. */
  outside: (LostRequest & { why: string })[];
}

/** How often each kind of client must have been answered between two events. */
const between = 3;

/** Starts the server and its clients, lets the events happen, and tells what became of the requests. */
export async function runCell(
  { server, events, kinds }: Cell,
  { dir: parent, node, timesOf }: { dir: string; node: string; timesOf: (event: LossEvent) => number },
): Promise<CellResult[]> {
  const dir = mkdtempSync(join(parent, 'cell-'));
  const workers = Math.max(...events.map((event) => event.workers));
  await using daemon = await Daemon.start({ dir, node, server, workers });
  await using clients = await Clients.start(dir, node);
  for (const { name, kind, clients: count } of kinds) clients.run(name, kind, daemon.target, count);
  const names = kinds.map(({ name }) => name);
  const answered = () => clients.answered(names, between);
  await answered();
  const doomed = new Doomed();
  for (const event of events) await event.run({ daemon, clients, doomed, answered }, timesOf(event));
  const tallies = await clients.stop();
  return kinds.map((kind) => resultOf(kind, tallies[kind.name] as Tally, doomed));
}

/** A killed worker takes what it has accepted with it, and nothing else may be lost. */
function resultOf(kind: Kind, tally: Tally, doomed: Doomed): CellResult {
  const all = lost(tally);
  const outside = tally.losses.flatMap((loss) => {
    const why = doomed.against(loss);
    return why === null ? [] : [{ ...loss, why }];
  });
  const inside = tally.losses.length - outside.length;
  return { kind, tally, inside, lost: all, forbidden: kind.informal ? 0 : all - inside, outside };
}
