import type { LogEvent, LogsEnd, LogsParams, Reopened } from './log-schemas.ts';
import type { MethodName } from './routes.ts';
import type { DeployParams, Event, NoParams, Outcome, Status, StopParams } from './schemas.ts';

/** Parameters, events and result of each method, for those who must not load the schemas. */
export interface Calls {
  status: { params: NoParams; event: Event; result: Status };
  deploy: { params: DeployParams; event: Event; result: Outcome };
  'deploy.abort': { params: NoParams; event: Event; result: Outcome };
  stop: { params: StopParams; event: Event; result: Outcome };
  logs: { params: LogsParams; event: LogEvent; result: LogsEnd };
  'logs.reopen': { params: NoParams; event: never; result: Reopened };
}

/** A call in progress: yields events, returns one result, or throws one CallError. A unary call yields nothing. */
export type Call<Result, Yielded = Event> = AsyncGenerator<Yielded, Result, void>;

export type CallOf<Name extends MethodName> = Call<Calls[Name]['result'], Calls[Name]['event']>;
