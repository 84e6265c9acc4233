import { now } from './clock.ts';
import { nextDeadline } from './machine/deadline.ts';
import { type Effect, type Input, initialState, type Settings, type State } from './machine/state.ts';
import { step } from './machine/step.ts';

/** Timers further away than this overflow in Node; the engine just looks again. */
const longestTimerMs = 2 ** 31 - 1;

/** Feeds the pure machine and has its effects performed, in order, one input after the other. */
export class Engine {
  #state: State;
  #pending: Effect[] = [];
  #performing = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    settings: Settings,
    private readonly perform: (effect: Effect) => void,
    /** An effect that fails must not keep the next ones from happening. */
    private readonly onError: (error: unknown) => void,
  ) {
    this.#state = initialState(settings);
  }

  get state(): State {
    return this.#state;
  }

  /** Returns the effects of this input: a caller reads there whether its operation began, was joined or refused. */
  feed(input: Input): Effect[] {
    const [state, effects] = step(this.#state, input, now(), Math.random());
    this.#state = state;
    this.#pending.push(...effects);
    if (!this.#performing) this.#performAll();
    return effects;
  }

  /** An effect may feed an input of its own (a worker that could not be started): its effects wait for their turn. */
  #performAll(): void {
    this.#performing = true;
    for (let effect = this.#pending.shift(); effect; effect = this.#pending.shift()) {
      try {
        this.perform(effect);
      } catch (error) {
        this.onError(error);
      }
    }
    this.#performing = false;
    this.#setTimer();
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
