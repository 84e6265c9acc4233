import { CallError } from '../../protocol/errors.ts';
import type { DeployParams, Status, StopParams } from '../../protocol/schemas.ts';
import type { Begun, Reply, SupervisorCall, SupervisorMethods } from '../control-link.ts';
import type { Recorder } from './control/recorder.ts';
import type { Engine } from './engine.ts';
import type { Effect } from './machine/state.ts';
import { nextRelease } from './release.ts';
import { type Processes, statusOf } from './status.ts';

/** How the supervisor answers the methods that control hands on to it; signals ask for some of them too. */
export class Methods implements SupervisorMethods {
  constructor(
    private readonly engine: Engine,
    private readonly recorder: Recorder,
    private readonly version: string,
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
    return this.#begun(this.engine.feed({ type: 'deploy', release, timeoutMs: milliseconds(timeout), waitOld }));
  }

  'deploy.abort'(): Begun {
    return this.#begun(this.engine.feed({ type: 'abort' }));
  }

  stop({ timeout }: StopParams): Begun {
    return this.#begun(this.engine.feed({ type: 'stop', timeoutMs: milliseconds(timeout) }));
  }

  /** The operation that these effects begin or join. Throws the CallError with which the machine refuses it. */
  #begun(effects: Effect[]): Begun {
    const refused = effects.find((effect) => effect.type === 'refuse');
    if (refused) throw new CallError(refused.kind);
    return { follow: this.recorder.last?.id ?? 0, joined: !effects.some((effect) => effect.type === 'begin') };
  }
}

const milliseconds = (seconds: number | null | undefined): number | null => (seconds == null ? null : seconds * 1000);
