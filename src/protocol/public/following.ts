import type { Call } from '../calls.ts';
import { CallError } from '../errors.ts';

/**
 * A call to a daemon. `for await` yields its events, `await` returns its result, and after the events it returns theirs; both throw a
 * CallError. Nothing is sent before either of them. Leaving the events ends the following, never the operation.
 */
export interface Following<Result, Yielded> extends PromiseLike<Result> {
  [Symbol.asyncIterator](): AsyncIterator<Yielded, Result, void>;
}

/** `begin`: begins the call, with its events or without. */
export function following<Result, Yielded>(
  begin: (events: boolean) => Call<Result, Yielded>,
): Following<Result, Yielded> {
  let result: Promise<Result> | undefined;
  return {
    [Symbol.asyncIterator]() {
      if (result !== undefined)
        throw new Error('the events of a call can be read once, and not when its result was awaited');
      const { recorded, end } = recording(begin(true));
      result = end;
      return recorded;
    },
    // biome-ignore lint/suspicious/noThenProperty: to be awaited is what it is for.
    then(onResult, onError) {
      result ??= resultOf(begin(false));
      return result.then(onResult, onError);
    },
  };
}

/** The same call, and a promise of how it ends. */
function recording<Result, Yielded>(call: Call<Result, Yielded>) {
  const { promise: end, resolve, reject } = withResolvers<Result>();
  end.catch(() => {}); // whoever reads the events is told by them
  async function* record(): Call<Result, Yielded> {
    try {
      const value = yield* call;
      resolve(value);
      return value;
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      reject(new CallError('unavailable', 'its events were left before they ended'));
    }
  }
  return { recorded: record(), end };
}

async function resultOf<Result>(call: Call<Result, unknown>): Promise<Result> {
  for (;;) {
    const step = await call.next();
    if (step.done) return step.value;
  }
}

/** Promise.withResolvers, which Node 20 has not. */
function withResolvers<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<Value>((onResult, onError) => {
    resolve = onResult;
    reject = onError;
  });
  return { promise, resolve, reject };
}
