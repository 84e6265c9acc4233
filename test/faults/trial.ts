import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Load, type Tally } from '../../bench/load.ts';
import { controlOf, linesIn } from '../e2e-logs/support.ts';
import { eventually } from '../support/eventually.ts';
import { type Naught, root } from '../support/naught.ts';
import { kill } from '../support/processes.ts';

export const server = join(root, 'test/faults/fixtures/server.cjs');

/** Of each kind: fresh connections and kept-alive ones. */
const clients = 4;
const pauseMs = 20;

/** A process that has so many more descriptors than before has lost none of them out of sight. */
export const moreDescriptors = 3;
/** When a process has been at rest, in milliseconds. */
const restMs = 10_000;

/** What a process holds. */
export interface Costs {
  megabytes: number;
  descriptors: number;
}

export interface Result {
  answered: number;
  /** By what became of them; empty when nothing was lost. */
  lost: Record<string, number>;
  /** How many may be cut, none of them refused or left without an answer. */
  mayLose: number;
  /** Lines that answers prove to be written; how many of them are not in the log, and how many are there more than once. */
  lines: { written: number; missing: number; twice: number };
  /** Seconds that `status` took after it all, and `deploy`. */
  status: number;
  deploy: number;
  supervisor: [Costs, Costs];
  control: [Costs, Costs];
}

interface Options {
  /** Of `start`. */
  start?: string[];
  /** Where the log of the workers is, if not in its folder, by the default name. */
  logs?: Naught;
  stdout?: string;
}

/** A daemon with requests in flight, whose lines are counted. */
export class Trial {
  /** Workers that were killed: each may take with it what its clients waited for. */
  killed = 0;
  readonly #loads: Load[];
  #before: [Costs, Costs] | null = null;

  static async start(naught: Naught, options: Options = {}): Promise<Trial> {
    await naught.start([...(options.start ?? []), server]);
    const trial = new Trial(naught, options.logs ?? naught, options.stdout ?? 'stdout.log');
    await trial.answers(50);
    trial.#before = trial.#costs();
    return trial;
  }

  private constructor(
    readonly naught: Naught,
    private readonly logs: Naught,
    private readonly stdout: string,
  ) {
    const port = Number(naught.env.PORT);
    this.#loads = [false, true].map((keepAlive) => new Load({ port, clients, keepAlive, pauseMs }));
  }

  get supervisor(): number {
    return this.naught.pid() ?? 0;
  }

  get control(): number {
    return controlOf(this.naught) ?? 0;
  }

  /** Requests of both kinds that were answered. */
  get answered(): number {
    return this.#loads.reduce((sum, { tally }) => sum + tally.ok, 0);
  }

  /** Waits for so many more answers: life goes on. */
  async answers(count: number): Promise<void> {
    const goal = this.answered + count;
    await eventually(() => (this.answered >= goal ? true : undefined), 60_000);
  }

  kill(worker: number): void {
    this.killed += 1;
    kill(worker);
  }

  /** Runs a command, and returns how many seconds it took. Throws unless it ends well. */
  async command(command: string[]): Promise<number> {
    const begun = performance.now();
    const { code, stderr } = await this.naught.run(command);
    if (code !== 0) throw new Error(`naught ${command.join(' ')} ended with ${code}: ${stderr}`);
    return (performance.now() - begun) / 1000;
  }

  /** Begins no more requests, and returns what became of those in flight. */
  async endRequests(): Promise<Record<string, number>> {
    return lossesOf(await Promise.all(this.#loads.map((load) => load.stop())));
  }

  /** Ends the requests, and then the daemon. Throws when it does not end, or leaves something behind. */
  async end(): Promise<Result> {
    const status = await this.command(['status']);
    const deploy = await this.command(['deploy']);
    const lost = await this.endRequests();
    const after = await this.#costsAtRest();
    const before = this.#before ?? after;
    await this.command(['stop']);
    return {
      answered: this.answered,
      lost,
      // What killed workers can have taken with them: no more than there are clients.
      mayLose: this.killed * 2 * clients,
      lines: this.#lines(),
      status,
      deploy,
      supervisor: [before[0], after[0]],
      control: [before[1], after[1]],
    };
  }

  /** A supervisor that has just started workers has pipes ready for more of them, for a second. */
  async #costsAtRest(): Promise<[Costs, Costs]> {
    const most = (this.#before ?? this.#costs()).map(({ descriptors }) => descriptors + moreDescriptors);
    const few = () => this.#costs().every(({ descriptors }, of) => descriptors <= most[of]!);
    await eventually(() => few() || undefined, restMs).catch(() => {});
    return this.#costs();
  }

  #costs(): [Costs, Costs] {
    return [costsOf(this.supervisor), costsOf(this.control)];
  }

  #lines(): Result['lines'] {
    const written = new Set(this.#loads.flatMap(({ tally }) => [...tally.bodies.keys()]));
    const found = new Map<string, number>();
    for (const line of linesIn(this.logs, this.stdout)) found.set(line, (found.get(line) ?? 0) + 1);
    return {
      written: written.size,
      missing: [...written].filter((line) => !found.has(line)).length,
      twice: [...found.values()].filter((times) => times > 1).length,
    };
  }
}

function lossesOf(tallies: Tally[]): Record<string, number> {
  const lost: Record<string, number> = {};
  for (const { refused, reset, empty, torn, hung } of tallies) {
    for (const [what, times] of Object.entries({ refused, reset, empty, torn, hung })) {
      if (times > 0) lost[what] = (lost[what] ?? 0) + times;
    }
  }
  return lost;
}

export function costsOf(pid: number): Costs {
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { megabytes: Math.round(Number(resident) / 1024), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}
