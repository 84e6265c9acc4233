/**
 * `naught2/plugin`: what a plugin of naught is written with. Its commands are oclif's: `Command`, `Args` and `Flags` are those that naught
 * itself runs with. Their types come with `@oclif/core`, which a plugin in TypeScript has among its devDependencies.
 */

export { CallError, type Client, connect } from '../../../protocol/public/client.ts';
export { Args, Command, Flags } from '../host/oclif.ts';
export type { Deploying, Hook, HookContext, Hooks } from './hooks.ts';
