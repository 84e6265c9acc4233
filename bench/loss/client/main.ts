import { Client, type Mode } from './client.ts';
import { type KindName, kinds } from './kinds.ts';
import { emptyTally, type Tally } from './tally.ts';
import type { Target } from './wire.ts';

/** The process of the clients: they must not starve while the bench waits for a command. */
export type Order = { kind: KindName; target: Target; clients: number; name: string } | { turn: Mode };
export type Report = { tallies: Record<string, Tally>; left: number };

const reportMs = 25;

const tallies: Record<string, Tally> = {};
const clients: Client[] = [];
let left = 0;

process.on('message', (order: Order) => {
  if ('turn' in order) {
    for (const client of clients) client.turn(order.turn);
    return report();
  }
  const tally = emptyTally();
  tallies[order.name] = tally;
  for (let count = 0; count < order.clients; count++) run(order.kind, new Client(order.target, tally));
});
process.on('disconnect', () => process.exit());
setInterval(report, reportMs);

function run(kind: KindName, client: Client): void {
  clients.push(client);
  left += 1;
  void kinds[kind](client).then(() => {
    left -= 1;
  });
}

function report(): void {
  process.send?.({ tallies, left } satisfies Report, undefined, {}, () => {});
}
