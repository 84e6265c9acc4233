/** Where each method is found: plain data, so that the CLI can read it without paying for a schema library. */
export const routes = {
  status: { verb: 'GET', path: '/status' },
  deploy: { verb: 'POST', path: '/deploy' },
  'deploy.abort': { verb: 'POST', path: '/deploy/abort' },
  stop: { verb: 'POST', path: '/stop' },
  logs: { verb: 'GET', path: '/logs' },
  'logs.reopen': { verb: 'POST', path: '/logs/reopen' },
} as const;

export type MethodName = keyof typeof routes;

export const rpcPath = '/rpc';
export const openapiPath = '/openapi.json';

export const mediaTypes = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  problem: 'application/problem+json',
} as const;
