/**
 * `naught2/worker`: what a server may tell naught, and learn from it. Nothing here is needed for an ordinary server; all of it does
 * something sensible when the program runs without naught.
 */

export type { ShutdownFunction } from '../registry.ts';
export { guard } from './guard.ts';
export { onShutdown } from './on-shutdown.ts';
export { offline, online } from './say.ts';
