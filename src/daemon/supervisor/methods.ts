import { CallError, invalidParams } from '../../protocol/errors.ts';
import type { Preview, Releases, RestartParams, RollbackParams, ScaleParams } from '../../protocol/release-schemas.ts';
import type { DeployParams, StrategyParams } from '../../protocol/rollout-schemas.ts';
import type { StopParams } from '../../protocol/schemas.ts';
import type { Status } from '../../protocol/status-schemas.ts';
import type { Begun, Reply, SupervisorCall, SupervisorMethods } from '../control-link.ts';
import type { StartConfig } from '../start-config.ts';
import { now } from './clock.ts';
import type { Engine } from './engine.ts';
import type { Effect } from './machine/effects.ts';
import type { Release } from './machine/state.ts';
import type { Strategy } from './machine/strategy/strategy.ts';
import { changesOf } from './releases/changes.ts';
import type { History, Origin } from './releases/history.ts';
import { again, countOf, nextRelease, type Runnable, scaledCount } from './releases/release.ts';
import { type Processes, statusOf } from './status.ts';
import { strategyOf } from './strategy.ts';

type Rollout = Pick<DeployParams, 'timeout' | 'waitOld'> & StrategyParams;

/** What a rollout is to make current. slots: whose workers are replaced, and no others; without it all of them. */
interface Next {
  runnable: Runnable;
  slots?: number[];
}

/** How the supervisor answers the methods that control hands on to it; signals ask for some of them too. */
export class Methods implements SupervisorMethods {
  constructor(
    private readonly engine: Engine,
    private readonly history: History,
    private readonly config: Pick<StartConfig, 'version' | 'strategy'>,
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
    return statusOf(this.engine.state, this.config.version, this.processes);
  }

  releases(): Releases {
    return this.history.list(now());
  }

  /** Throws a CallError when it is refused, or the parameters name something that is not there. */
  deploy(params: DeployParams): Promise<Begun> {
    return this.#rollout(params, { type: 'deploy' }, async (current) => ({
      runnable: await nextRelease(current, params),
    }));
  }

  'deploy.preview'(params: DeployParams): Promise<Preview> {
    return this.#preview(params, async (current) => ({ runnable: await nextRelease(current, params) }));
  }

  rollback(params: RollbackParams): Promise<Begun> {
    const { number: of } = this.history.former(params.release);
    return this.#rollout(params, { type: 'rollback', of }, () => this.#former({ ...params, release: of }));
  }

  'rollback.preview'(params: RollbackParams): Promise<Preview> {
    return this.#preview(params, () => this.#former(params));
  }

  restart(params: RestartParams): Promise<Begun> {
    return this.#rollout(params, null, async (current) => ({
      runnable: await again(current),
      ...(params.workers && { slots: slotsOf(params.workers, current) }),
    }));
  }

  scale(params: ScaleParams): Promise<Begun> {
    return this.#rollout(params, null, async (current) => {
      const workerCount = scaledCount(current.workerCount, params.workerCount);
      return {
        runnable: { ...(await again(current)), workerCount },
        slots: slotsFrom(current.workerCount, workerCount),
      };
    });
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

  get #current(): Release {
    const { current } = this.engine.state;
    if (current === null) throw new CallError('still-booting');
    return current;
  }

  async #former({ release, workerCount }: RollbackParams): Promise<Next> {
    const former = this.history.former(release);
    return { runnable: { ...(await again(former)), workerCount: countOf(workerCount, former.workerCount) } };
  }

  async #preview(params: Rollout, next: (current: Release) => Promise<Next>): Promise<Preview> {
    const current = this.#current;
    const { runnable } = await next(current);
    strategyOf(params, this.config.strategy, runnable.workerCount);
    return { current: current.number, release: this.history.next, changes: changesOf(current, runnable) };
  }

  /** `origin`: of a release of its own; null: it is the current one, and keeps its number. */
  async #rollout(params: Rollout, origin: Origin | null, next: (current: Release) => Promise<Next>): Promise<Begun> {
    const current = this.#current;
    const { runnable, slots } = await next(current);
    // Another deploy was complete meanwhile: what it changed stays.
    if (this.engine.state.current !== current) return this.#rollout(params, origin, next);
    const { timeout, waitOld = true } = params;
    const strategy = this.#strategy(params, slots?.length ?? runnable.workerCount);
    const deploy = {
      type: 'deploy',
      timeoutMs: milliseconds(timeout),
      waitOld,
      strategy,
      ...(slots && { slots }),
    } as const;
    const release = origin ? this.history.open(runnable, origin, timeOfDay()) : { ...runnable, number: current.number };
    const effects = this.engine.feed({ ...deploy, release });
    if (origin && effects.some(({ type }) => type === 'refuse')) this.history.withdraw();
    return this.#begun(effects);
  }

  /** `count`: of the workers that are started; where there are none, nobody is watched. */
  #strategy(params: Rollout, count: number): Strategy {
    const strategy = strategyOf(params, this.config.strategy, count);
    return count === 0 ? { ...strategy, surge: Number.POSITIVE_INFINITY, canary: 0, bakeMs: 0 } : strategy;
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

const timeOfDay = (): string => new Date().toISOString();

const milliseconds = (seconds: number | null | undefined): number | null => (seconds == null ? null : seconds * 1000);

/** Throws `invalid-params` for a number that no worker has. */
function slotsOf(workers: number[], { workerCount }: Release): number[] {
  const unknown = workers.find((slot) => slot >= workerCount);
  if (unknown === undefined) return [...new Set(workers)];
  const who = workerCount === 1 ? 'there is worker 0' : `there are workers 0 to ${workerCount - 1}`;
  throw invalidParams({ field: 'workers', message: `names ${unknown}, which there is not: ${who}` });
}

/** Those that there are in `to` workers and not in `from`. */
function slotsFrom(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
