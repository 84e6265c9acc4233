import { describe, expectTypeOf, it } from 'vitest';
import type { Handlers } from '../../src/daemon/control/api/handlers.ts';
import type { Answer, OperationEnd, SupervisorMethods } from '../../src/daemon/control-link.ts';
import type { AnsweredBy, CallOf, Calls } from '../../src/protocol/calls.ts';
import type { LogEvent, LogsEnd, LogsParams, Reopened } from '../../src/protocol/log-schemas.ts';
import type { DeployParams } from '../../src/protocol/rollout-schemas.ts';
import type { Event, NoParams, Outcome, StopParams, Stopped } from '../../src/protocol/schemas.ts';
import type { Status } from '../../src/protocol/status-schemas.ts';

// What is expected here is checked by `npm run typecheck`: a test that does not fit the types does not compile.
describe('the types of a call', () => {
  it('are those of its row in the table', () => {
    expectTypeOf<Calls['status']>().toEqualTypeOf<{ params: NoParams; event: Event; result: Status }>();
    expectTypeOf<Calls['deploy']>().toEqualTypeOf<{ params: DeployParams; event: Event; result: Outcome }>();
    expectTypeOf<Calls['stop']>().toEqualTypeOf<{ params: StopParams; event: Event; result: Stopped }>();
    expectTypeOf<Calls['logs']>().toEqualTypeOf<{ params: LogsParams; event: LogEvent; result: LogsEnd }>();
    expectTypeOf<Calls['logs.reopen']>().toEqualTypeOf<{ params: NoParams; event: never; result: Reopened }>();
  });

  it('tell a stop, which may have lost logs, from a deploy', () => {
    expectTypeOf<Calls['stop']['result']>().not.toEqualTypeOf<Calls['deploy']['result']>();
  });

  it('bind the handler of control', () => {
    expectTypeOf<Handlers['stop']>().returns.toEqualTypeOf<CallOf<'stop'>>();
    expectTypeOf<Handlers['logs']>().not.toExtend<Handlers['logs.reopen']>();
  });

  it('bind the supervisor: it answers every method that it has to, with the result or with an operation', () => {
    expectTypeOf<'status' | 'deploy' | 'deploy.abort' | 'stop'>().toExtend<keyof SupervisorMethods>();
    expectTypeOf<'logs'>().not.toExtend<keyof SupervisorMethods>();
    expectTypeOf<Answer<'status'>>().toEqualTypeOf<Status>();
    expectTypeOf<Answer<'stop'>>().toEqualTypeOf<{ follow: number; joined: boolean }>();
    expectTypeOf<Parameters<SupervisorMethods['stop']>>().toEqualTypeOf<[StopParams]>();
  });

  it('bind the end of an operation: it is a result of each method that begins one', () => {
    expectTypeOf<OperationEnd['outcome']>().toExtend<Calls[AnsweredBy<'operation'>]['result']>();
    expectTypeOf<OperationEnd['outcome']>().toExtend<Stopped>();
  });
});
