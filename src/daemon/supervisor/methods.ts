import { CallError } from '../../protocol/errors.ts';
import type { Preview, Releases, RestartParams, RollbackParams, ScaleParams } from '../../protocol/release-schemas.ts';
import type { DeployParams, Status, StopParams } from '../../protocol/schemas.ts';
import type { Begun, Reply, SupervisorCall, SupervisorMethods } from '../control-link.ts';
import { now } from './clock.ts';
import type { Recorder } from './control/recorder.ts';
import type { Engine } from './engine.ts';
import type { Effect, Release } from './machine/state.ts';
import { changesOf } from './releases/changes.ts';
import type { History, Origin } from './releases/history.ts';
import { again, countOf, nextRelease, type Runnable, scaledCount } from './releases/release.ts';
import { statusOf } from './status.ts';

type Rollout = Pick<DeployParams, 'timeout' | 'waitOld'>;

/** How the supervisor answers the methods that control hands on to it; signals ask for some of them too. */
export class Methods implements SupervisorMethods {
  constructor(
    private readonly engine: Engine,
    private readonly recorder: Recorder,
    private readonly history: History,
    private readonly version: string,
    private readonly pidOf: (worker: number) => number | undefined,
  ) {}

  async reply({ method, params }: SupervisorCall): Promise<Reply> {
    try {
      return { answer: await this[method](params as never) };
    } catch (error) {
      return { refused: CallError.from(error).toWire() };
    }
  }

  status(): Status {
    return statusOf(this.engine.state, this.version, this.pidOf);
  }

  releases(): Releases {
    return this.history.list(now());
  }

  /** Throws a CallError when it is refused, or the parameters name something that is not there. */
  deploy(params: DeployParams): Promise<Begun> {
    return this.#rollout(params, { type: 'deploy' }, (current) => nextRelease(current, params));
  }

  'deploy.preview'(params: DeployParams): Promise<Preview> {
    return this.#preview((current) => nextRelease(current, params));
  }

  rollback(params: RollbackParams): Promise<Begun> {
    const { number: of } = this.history.former(params.release);
    return this.#rollout(params, { type: 'rollback', of }, () => this.#former({ ...params, release: of }));
  }

  'rollback.preview'(params: RollbackParams): Promise<Preview> {
    return this.#preview(() => this.#former(params));
  }

  restart(params: RestartParams): Promise<Begun> {
    return this.#rollout(params, null, again);
  }

  scale(params: ScaleParams): Promise<Begun> {
    return this.#rollout(params, null, async (current) => ({
      ...(await again(current)),
      workerCount: scaledCount(current.workerCount, params.workerCount),
    }));
  }

  'deploy.abort'(): Begun {
    return this.#begun(this.engine.feed({ type: 'abort' }));
  }

  stop({ timeout }: StopParams): Begun {
    return this.#begun(this.engine.feed({ type: 'stop', timeoutMs: milliseconds(timeout) }));
  }

  get #current(): Release {
    const { current } = this.engine.state;
    if (current === null) throw new CallError('still-booting');
    return current;
  }

  async #former({ release, workerCount }: RollbackParams): Promise<Runnable> {
    const former = this.history.former(release);
    return { ...(await again(former)), workerCount: countOf(workerCount, former.workerCount) };
  }

  async #preview(next: (current: Release) => Promise<Runnable>): Promise<Preview> {
    const current = this.#current;
    return { current: current.number, release: this.history.next, changes: changesOf(current, await next(current)) };
  }

  /** `origin`: of a release of its own; null: it is the current one, and keeps its number. */
  async #rollout(
    params: Rollout,
    origin: Origin | null,
    next: (current: Release) => Promise<Runnable>,
  ): Promise<Begun> {
    const current = this.#current;
    const runnable = await next(current);
    // Another deploy was complete meanwhile: what it changed stays.
    if (this.engine.state.current !== current) return this.#rollout(params, origin, next);
    if (origin === null) return this.#deploy({ ...runnable, number: current.number }, params);
    const release = this.history.open(runnable, origin, new Date().toISOString());
    try {
      return this.#deploy(release, params);
    } catch (error) {
      this.history.withdraw();
      throw error;
    }
  }

  #deploy(release: Release, { timeout, waitOld = true }: Rollout): Begun {
    return this.#begun(this.engine.feed({ type: 'deploy', release, timeoutMs: milliseconds(timeout), waitOld }));
  }

  /** The operation that these effects begin or join. Throws the CallError with which the machine refuses it. */
  #begun(effects: Effect[]): Begun {
    const refused = effects.find((effect) => effect.type === 'refuse');
    if (refused) throw new CallError(refused.kind);
    return { follow: this.recorder.last?.id ?? 0, joined: !effects.some((effect) => effect.type === 'begin') };
  }
}

const milliseconds = (seconds: number | null | undefined): number | null => (seconds == null ? null : seconds * 1000);
