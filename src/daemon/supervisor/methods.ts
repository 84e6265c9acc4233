import { CallError } from '../../protocol/errors.ts';
import type { DeployParams, Status, StopParams, StrategyParams } from '../../protocol/schemas.ts';
import type { Begun, Reply, SupervisorCall, SupervisorMethods } from '../control-link.ts';
import type { Engine } from './engine.ts';
import type { Effect } from './machine/state.ts';
import { nextRelease } from './release.ts';
import { type Processes, statusOf } from './status.ts';
import { strategyOf } from './strategy.ts';

/** How the supervisor answers the methods that control hands on to it; signals ask for some of them too. */
export class Methods implements SupervisorMethods {
  constructor(
    private readonly engine: Engine,
    private readonly version: string,
    private readonly defaults: StrategyParams,
    private readonly processes: Processes,
  ) {}

  async reply({ method, params }: SupervisorCall): Promise<Reply> {
    try {
      return { answer: await this[method](params as never) };
    } catch (error) {
      return { refused: CallError.from(error).toWire() };
    }
  }

  status(): Status {
    return statusOf(this.engine.state, this.version, this.processes);
  }

  /** Throws a CallError when it is refused, or the parameters name something that is not there. */
  async deploy(params: DeployParams): Promise<Begun> {
    const { current } = this.engine.state;
    if (current === null) throw new CallError('still-booting');
    const release = await nextRelease(current, params);
    // Another deploy was complete meanwhile: what it changed stays.
    if (this.engine.state.current !== current) return this.deploy(params);
    const { timeout, waitOld = true } = params;
    const strategy = strategyOf(params, this.defaults, release.workerCount);
    const deploy = { type: 'deploy', release, timeoutMs: milliseconds(timeout), waitOld, strategy } as const;
    return this.#begun(this.engine.feed(deploy));
  }

  'deploy.abort'(): Promise<Begun> {
    return this.#begun(this.engine.feed({ type: 'abort' }));
  }

  promote(): Promise<Begun> {
    return this.#begun(this.engine.feed({ type: 'promote' }));
  }

  stop({ timeout }: StopParams): Promise<Begun> {
    return this.#begun(this.engine.feed({ type: 'stop', timeoutMs: milliseconds(timeout) }));
  }

  /** The operation that these effects begin or join, once control knows of it. Throws the CallError with which the machine refuses it. */
  async #begun(effects: Effect[]): Promise<Begun> {
    const refused = effects.find((effect) => effect.type === 'refuse');
    if (refused) throw new CallError(refused.kind);
    const begun = effects.find((effect) => effect.type === 'begin');
    // What is asked of a daemon at its end is about its last operation.
    const joined = effects.find((effect) => effect.type === 'join')?.operation ?? this.engine.state.nextOperation - 1;
    await this.engine.performed;
    return { follow: begun?.operation ?? joined, joined: !begun };
  }
}

const milliseconds = (seconds: number | null | undefined): number | null => (seconds == null ? null : seconds * 1000);
