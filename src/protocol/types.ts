import type { DeployParams, Event, NoParams, Outcome, Status, StopParams } from './schema.ts';

/** Parameters and result of each method, for those who must not load the schemas. */
export interface Calls {
  status: { params: NoParams; result: Status };
  deploy: { params: DeployParams; result: Outcome };
  'deploy.abort': { params: NoParams; result: Outcome };
  stop: { params: StopParams; result: Outcome };
}

/** A call in progress: yields events, returns one result, or throws one CallError. A unary call yields nothing. */
export type Call<Result> = AsyncGenerator<Event, Result, void>;
