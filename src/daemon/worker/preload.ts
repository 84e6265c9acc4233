/**
 * Runs inside the worker before the user's code (`node --require`): says when it is ready, and takes it out of service without losing a
 * request. Has no effect anywhere else, patches nothing, and costs a request nothing.
 */
import { Drain } from './drain/drain.ts';
import { Servers } from './drain/servers.ts';
import { Shutdown } from './drain/shutdown.ts';
import { Upgrades } from './drain/upgrades.ts';
import { forgetPreload, takeOptions } from './options.ts';
import { watchReady } from './ready.ts';
import { registry } from './registry.ts';
import { blockingOutput } from './stdio.ts';

const options = takeOptions();

if (options) {
  forgetPreload(__filename);
  process.title = options.title;
  blockingOutput();
  if (options.ignoreInterrupt) process.on('SIGINT', () => {});
  registry().preload = true;
  const servers = new Servers();
  watchReady(servers, options.onlineOn);
  new Shutdown(servers, new Drain(servers, new Upgrades(servers), options), options);
}
