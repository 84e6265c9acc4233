import { nextDeadline } from '../../../src/daemon/supervisor/machine/deadline.ts';
import type { Effect } from '../../../src/daemon/supervisor/machine/effects.ts';
import type { Input } from '../../../src/daemon/supervisor/machine/inputs.ts';
import type { Release, Settings, State } from '../../../src/daemon/supervisor/machine/state.ts';
import { initialState } from '../../../src/daemon/supervisor/machine/state.ts';
import { step } from '../../../src/daemon/supervisor/machine/step.ts';
import type { Strategy } from '../../../src/daemon/supervisor/machine/strategy/strategy.ts';

/** What a worker that leaves holds: nothing. */
export const holding = { requests: 0, streams: 0, websockets: 0, other: 0, idle: 0 };

export function release(number: number, workerCount: number): Release {
  const script = `/app/${number}/server.js`;
  return {
    number,
    script,
    args: [`--release=${number}`],
    nodeArgs: [],
    cwd: `/app/${number}`,
    environment: { RELEASE: String(number) },
    workerCount,
    resolved: { script, cwd: `/app/${number}` },
  };
}

/** Drives the machine as the engine does, on a clock of the test's, and writes down its events as 1.x prints them. */
export class Drive {
  state: State;
  now = 0;
  lines: string[] = [];
  effects: Effect[] = [];

  constructor(settings: Partial<Settings> = {}) {
    this.state = initialState({
      onlineOn: 'auto',
      drain: 'auto',
      drainTimeoutMs: 'default',
      bootParallel: Number.POSITIVE_INFINITY,
      loadParallel: Number.POSITIVE_INFINITY,
      leaveParallel: Number.POSITIVE_INFINITY,
      ...settings,
    });
  }

  feed(input: Input, random = 0): Effect[] {
    const [state, effects] = step(this.state, input, this.now, random);
    this.state = state;
    this.effects.push(...effects);
    for (const effect of effects) if (effect.type === 'emit') this.lines.push(lineOf(effect));
    return effects;
  }

  /** Lets the time pass to each deadline on the way, and ticks there. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (let at = nextDeadline(this.state); at !== null && at <= end; at = nextDeadline(this.state)) {
      this.now = Math.max(this.now, at);
      this.feed({ type: 'tick' });
    }
    this.now = end;
    return this;
  }

  boot(workerCount: number): this {
    this.feed({ type: 'boot', release: release(1, workerCount) });
    while (this.ids('booting').length > 0) this.online(...this.ids('booting'));
    return this;
  }

  deploy(number: number, workerCount: number, timeoutMs: number | null = null): this {
    this.feed({ type: 'deploy', release: release(number, workerCount), timeoutMs });
    return this;
  }

  deployBy(strategy: Strategy, number: number, workerCount: number, timeoutMs: number | null = null): this {
    this.feed({ type: 'deploy', release: release(number, workerCount), timeoutMs, strategy });
    return this;
  }

  online(...workers: number[]): this {
    for (const worker of workers) this.feed({ type: 'online', worker });
    return this;
  }

  /** Its drain is over, it is sent 'shutdown', and says who ends it. */
  told(worker: number, by: 'preload' | 'app'): this {
    this.feed({ type: 'drained', worker });
    this.feed({ type: 'leaving', worker, by });
    return this;
  }

  exit(worker: number, code: number | null = 0, signal: string | null = null): this {
    this.feed({ type: 'exit', worker, exit: { code, signal } });
    return this;
  }

  ids(...states: string[]): number[] {
    return this.state.workers.filter(({ state }) => states.includes(state)).map(({ id }) => id);
  }

  /** The events since the last call. */
  transcript(): string[] {
    return this.lines.splice(0);
  }

  /** What was done to workers since the last call. */
  deeds(): string[] {
    const deeds = this.effects.splice(0).flatMap((effect) => {
      if (effect.type === 'kill') return `${effect.signal} ${effect.worker}`;
      if (['drain', 'shutdown', 'spawn', 'probe'].includes(effect.type) && 'worker' in effect)
        return `${effect.type} ${effect.worker}`;
      return [];
    });
    return deeds;
  }

  /** What was said of events since the last call. */
  notes(): string[] {
    return this.effects.splice(0).flatMap((effect) => (effect.type === 'emit' && effect.note ? effect.note : []));
  }

  end(): Extract<Effect, { type: 'end' }> | undefined {
    return this.effects.findLast((effect) => effect.type === 'end');
  }
}

function lineOf({ event, count }: Extract<Effect, { type: 'emit' }>): string {
  return `${event}. booting: ${count.booting}, online: ${count.online}, dying: ${count.dying}, new_online: ${count.new_online}`;
}

/** `B O D N` for the four counts, to keep transcripts readable. */
export function line(event: string, counts: string): string {
  const [booting, online, dying, newOnline] = counts.split(' ');
  return `${event}. booting: ${booting}, online: ${online}, dying: ${dying}, new_online: ${newOnline}`;
}
