import type { Call, CallOf } from '../../protocol/calls.ts';
import type { CallOptions, Client } from '../../protocol/client.ts';
import { CallError } from '../../protocol/errors.ts';
import type { DeployParams } from '../../protocol/rollout-schemas.ts';
import type { Event, Outcome } from '../../protocol/schemas.ts';
import { type Method, type MethodName, methods } from '../../protocol/table.ts';
import type { Session } from './host/session.ts';
import { hasPlugins, markStuck, openHost } from './index.ts';

/** The methods that make a release current, and are asked and told about as deploys. */
const deploys: readonly string[] = ['deploy', 'rollback'];

/** A client that tells the user's plugins of the operations that are followed by it. Without plugins it is the same client. */
export function telling(client: Client, ipcFile: string): Client {
  if (!hasPlugins()) return client;
  const call = <Name extends MethodName>(name: Name, params: object, options: CallOptions = {}) => {
    const called = client.call(name, params as never, options);
    const tells = options.stream === true && (methods[name] as Method).event === 'Event';
    return tells ? (told(name, params, called as Call<Outcome>, ipcFile) as unknown as CallOf<Name>) : called;
  };
  return { ...client, call };
}

/** The last event that the plugins know: an abort is followed beside the deploy that it ends. */
let lastTold = 0;

async function* told(method: string, params: object, call: Call<Outcome>, ipcFile: string): Call<Outcome> {
  const session = await openHost().session(ipcFile);
  const deploying = deploys.includes(method) ? { method, params: params as DeployParams } : undefined;
  try {
    if (deploying !== undefined) await ask(session, deploying);
    const outcome = yield* seenBy(session, call);
    if (deploying !== undefined) await session?.after({ ...deploying, outcome });
    return outcome;
  } catch (error) {
    const callError = CallError.from(error);
    if (deploying !== undefined && callError.kind !== 'refused')
      await session?.after({ ...deploying, error: callError });
    throw error;
  } finally {
    await session?.end();
    if (session?.stuck) markStuck();
  }
}

async function* seenBy(session: Session | undefined, call: Call<Outcome>): Call<Outcome> {
  try {
    for (;;) {
      const step = await call.next();
      if (step.done) return step.value;
      if (isNew(step.value)) session?.event(step.value);
      yield step.value;
    }
  } finally {
    await call.return(undefined as never);
  }
}

function isNew({ seq }: Event): boolean {
  if (seq <= lastTold) return false;
  lastTold = seq;
  return true;
}

/** Throws `refused` when a plugin keeps the deploy from being begun. */
async function ask(session: Session | undefined, deploying: { method: string; params: DeployParams }): Promise<void> {
  const refusal = await session?.before(deploying);
  if (refusal === undefined) return;
  const { plugin, message, exit } = refusal;
  throw new CallError('refused', `the plugin ${plugin} refuses the deploy: ${message}`, { plugin, exit });
}
