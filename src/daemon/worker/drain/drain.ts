import type { CutConnections, HeldConnections, WorkerOptions } from '../../worker-link.ts';
import { registry } from '../registry.ts';
import { report } from '../report-pipe.ts';
import { type Connection, connections, countConnections } from './connections.ts';
import { cutOf, endProperly, reportCut } from './cut.ts';
import { stopReceiving } from './datagrams.ts';
import { IdleConnections, promiseOf } from './idle.ts';
import { announceClose } from './responses.ts';
import type { Servers } from './servers.ts';
import type { Upgrades } from './upgrades.ts';
import { WebSockets } from './websockets.ts';

/** What is left then: endless, or not HTTP. */
type OnDrained = (left: CutConnections) => void;

/** How often connections are looked at, in milliseconds. */
const interval = 100;

/** How often it is told what is waited for, in milliseconds. */
const reportInterval = 1_000;

/**
 * Takes a worker out of service without losing a request: it accepts no more connections, lets each end after its response, and
 * closes what would stay open. It is drained when nothing is left that waiting longer would help: what is endless or not HTTP at
 * all is the application's. The drain goes on after that. It ends the process at its deadline alone (`expire`).
 */
export class Drain {
  #begun = false;
  #onDrained: OnDrained[] = [];
  #servers: Servers;
  #upgrades: Upgrades;
  #options: WorkerOptions;
  #idle: IdleConnections;
  #webSockets: WebSockets | null = null;
  #drained = false;
  /** When WebSockets and streams of HTTP/2 are waited for no longer. */
  #patientUntil = 0;
  #told = { at: 0, what: '' };

  constructor(servers: Servers, upgrades: Upgrades, options: WorkerOptions) {
    this.#servers = servers;
    this.#upgrades = upgrades;
    this.#options = options;
    this.#idle = new IdleConnections(upgrades, options.lingerMs);
  }

  /** Drains; `onDrained` is called when that is done, at once if it is already. */
  begin(onDrained: OnDrained = () => {}): void {
    if (this.#drained) onDrained(cutOf(countConnections(this.#servers, this.#upgrades)));
    else this.#onDrained.push(onDrained);
    if (this.#begun) return;
    this.#begun = true;
    registry().draining = true;
    report({ type: 'draining', connections: this.#servers.connections });
    const promises = [...this.#servers.open].map(({ server }) => promiseOf(server));
    this.#patientUntil = performance.now() + Math.max(0, ...promises);
    this.#told.at = performance.now();
    announceClose(this.#servers);
    this.#webSockets = new WebSockets(this.#servers, this.#upgrades, this.#options.spreadMs);
    this.#servers.stopListening();
    stopReceiving();
    this.#servers.on('closed', this.#look);
    setInterval(this.#look, interval).unref();
    this.#look();
  }

  /** The process is about to exit. */
  reportCut(): void {
    reportCut(this.#servers, this.#upgrades);
  }

  /** The deadline, where the application's handlers of SIGTERM end the process. */
  cut(onEnd: () => void = () => {}): void {
    this.reportCut();
    const webSockets = this.#webSockets ?? new WebSockets(this.#servers, this.#upgrades, 0);
    endProperly(this.#servers, this.#upgrades, webSockets, onEnd);
  }

  /** Cuts what is left, and exits as soon as the clients have been told. */
  expire(): void {
    this.cut(() => process.exit());
  }

  #look = (): void => {
    this.#webSockets?.look();
    const left: HeldConnections = { requests: 0, streams: 0, websockets: 0, other: 0, idle: 0 };
    let waits = false;
    for (const connection of connections(this.#servers, this.#upgrades)) {
      left[connection.kind] += 1;
      if (this.#waitsFor(connection)) waits = true;
    }
    if (!waits && !this.#drained) {
      this.#drained = true;
      for (const onDrained of this.#onDrained) onDrained(cutOf(left));
    }
    this.#tell(left);
  };

  /** Until the application hears 'shutdown'. */
  #waitsFor(connection: Connection): boolean {
    switch (connection.kind) {
      case 'requests':
        return true;
      case 'idle':
        return this.#idle.keeps(connection);
      case 'websockets':
        return this.#isPatient;
      case 'streams':
        // Of HTTP/2, where one that ends in a moment looks no different.
        return connection.socket === null && this.#isPatient;
      case 'other':
        return false;
    }
  }

  get #isPatient(): boolean {
    return performance.now() < this.#patientUntil;
  }

  #tell(left: HeldConnections): void {
    const now = performance.now();
    const what = JSON.stringify(left);
    if (what === this.#told.what || now - this.#told.at < reportInterval) return;
    this.#told = { at: now, what };
    report({ type: 'holding', left });
  }
}
