import type { CallError, Client, DeployParams, Event, Outcome } from '../../../protocol/public/client.ts';

/** What every hook is given. */
export interface HookContext {
  /** A client of the server that the command talks to; it is closed when the command ends. */
  client: Client;
  /** Path of the server's ipc-file. */
  ipcFile: string;
  /** Shows a line to who runs the command, on stderr. */
  say(text: string): void;
}

/** A deploy that the command begins. */
export interface Deploying {
  /** `deploy`, or another method of the API that makes a release current. */
  method: string;
  params: DeployParams;
}

/** What a plugin can act on, and what its hook is given besides. */
export interface Hooks {
  /** An event of an operation that a command follows. */
  'naught:event': { event: Event };
  /** Before a deploy is begun. */
  'naught:deploy:before': Deploying & {
    /** Keeps the deploy from being begun. `exit`: the exit code of the command, 1 when it is not given. */
    refuse(message: string, options?: { exit?: number }): never;
  };
  /** After a deploy that was begun: what it came to. */
  'naught:deploy:after': Deploying &
    ({ outcome: Outcome; error?: undefined } | { outcome?: undefined; error: CallError });
}

export type Hook<Name extends keyof Hooks> = (options: Hooks[Name] & HookContext) => void | Promise<void>;
