import { now } from './clock.ts';
import { nextDeadline } from './machine/deadline.ts';
import type { Effect } from './machine/effects.ts';
import type { Input } from './machine/inputs.ts';
import { initialState, type Settings, type State } from './machine/state.ts';
import { step } from './machine/step.ts';

/** Timers further away than this overflow in Node; the engine just looks again. */
const longestTimerMs = 2 ** 31 - 1;

/** Of effects at a time, in milliseconds: many workers that are woken take the CPU from the supervisor, in the midst of waking them. */
const longestTurnMs = 8;

/** Feeds the pure machine and has its effects performed, in order, one input after the other. */
export class Engine {
  #state: State;
  #pending: Effect[] = [];
  #performing = false;
  #performed: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(
    settings: Settings,
    private readonly effects: {
      /** The state is another one; these effects are yet to be performed. */
      stepped(effects: readonly Effect[]): void;
      perform(effect: Effect): void;
      /** An effect that fails must not keep the next ones from happening. */
      onError(error: unknown): void;
      /** Between two spawns, of which the first took so many milliseconds: the loop belongs to those who are served. */
      breathe(tookMs: number): Promise<unknown>;
    },
  ) {
    this.#state = initialState(settings);
  }

  get state(): State {
    return this.#state;
  }

  /**
   * Returns the effects of this input: a caller reads there whether its operation began, was joined or refused. They are performed at
   * once, unless there are many, or several workers to spawn: see `performed`.
   */
  feed(input: Input): Effect[] {
    const [state, effects] = step(this.#state, input, now(), Math.random());
    this.#state = state;
    this.effects.stepped(effects);
    this.#pending.push(...effects);
    if (!this.#performing) this.#performed = this.#performAll();
    this.#setTimer();
    return effects;
  }

  /** Resolves when all effects of what was fed until now have been performed. */
  get performed(): Promise<void> {
    return this.#performed;
  }

  /**
   * In their order, also those of inputs that are fed meanwhile: an effect may feed one itself (a worker that could not be started).
   * One fork may take 20 ms of a busy machine, in which nobody accepts connections.
   */
  async #performAll(): Promise<void> {
    this.#performing = true;
    let turnBegan = now();
    let spawnedMs: number | null = null;
    for (let effect = this.#pending.shift(); effect; effect = this.#pending.shift()) {
      if (effect.type === 'spawn' && spawnedMs !== null) {
        await this.effects.breathe(spawnedMs).catch((error) => this.effects.onError(error));
        turnBegan = now();
      } else if (now() - turnBegan > longestTurnMs) {
        await new Promise(setImmediate);
        turnBegan = now();
      }
      const began = now();
      try {
        this.effects.perform(effect);
      } catch (error) {
        this.effects.onError(error);
      }
      if (effect.type === 'spawn') spawnedMs = now() - began;
    }
    this.#performing = false;
  }

  /** One timer for all deadlines, set anew from the state after every input. */
  #setTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    const deadline = nextDeadline(this.#state);
    if (deadline === null) return;
    const ms = Math.min(Math.max(1, Math.ceil(deadline - now())), longestTimerMs);
    this.#timer = setTimeout(() => this.feed({ type: 'tick' }), ms);
  }
}
