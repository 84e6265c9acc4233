import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startLoad, turn, turnMs } from './load.ts';
import { sum } from './statistics.ts';

const warmUps = 2;
const turns = 8;

/** One side of a round. */
export class Contender {
  #requests = 0;
  #cpuMs = 0;

  constructor(
    private readonly port: number,
    private readonly workers: number[],
  ) {}

  /** Requests per second. */
  get rate(): number {
    return (this.#requests / (turns * turnMs)) * 1_000;
  }

  /** Microseconds of the workers' CPU per request. */
  get cost(): number {
    return (this.#cpuMs / this.#requests) * 1_000;
  }

  async turn(client: ChildProcess, counts: boolean): Promise<void> {
    const before = sum(this.workers.map(cpuMs));
    const requests = await turn(client, this.port);
    if (!counts) return;
    this.#requests += requests;
    this.#cpuMs += sum(this.workers.map(cpuMs)) - before;
  }
}

/** A round: in turn, so that what else the machine does falls on both. */
export async function measureBoth(contenders: Contender[]): Promise<void> {
  const client = startLoad();
  for (let number = -warmUps; number < turns; number++) {
    for (const contender of contenders) await contender.turn(client, number >= 0);
  }
  client.kill('SIGKILL');
}

/** What a process has used so far, in milliseconds (from /proc, in ticks of 10 ms). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
