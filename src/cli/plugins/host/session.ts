import type { Client, Event } from '../../../protocol/public/client.ts';
import type { Deploying, HookContext, Hooks } from '../public/hooks.ts';
import { hookFailure, runHooks, TooLate } from './hooks.ts';
import type { Found } from './load.ts';

/** Milliseconds that a hook has. Before a deploy it may ask somebody; afterwards the command waits to end. */
const askMs = 60_000;
const tellMs = 10_000;

/** A plugin kept a deploy from being begun. */
export interface Refusal {
  plugin: string;
  message: string;
  exit: number;
}

/** The plugins that a command tells of one operation. */
export class Session {
  readonly #context: HookContext;
  #told: Promise<void> = Promise.resolve();
  readonly #failed = new Set<string>();
  /** Something of a plugin may still run, and would keep the process from ending. */
  stuck = false;

  constructor(
    readonly plugins: readonly Found[],
    readonly client: Client,
    ipcFile: string,
    readonly say: (text: string) => void,
  ) {
    this.#context = { client, ipcFile, say };
    process.on('uncaughtException', this.#onUncaught);
  }

  /** Asks each plugin in turn. A hook that fails is told, and refuses nothing. */
  async before(deploying: Deploying): Promise<Refusal | undefined> {
    for (const plugin of this.plugins) {
      const refusal = await this.#ask(plugin, deploying);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** Tells them in their order; nobody waits for it before `end`. */
  event(event: Event): void {
    this.#told = this.#told.then(() => this.#tell('naught:event', { event }));
  }

  async after(deploying: Hooks['naught:deploy:after']): Promise<void> {
    this.#told = this.#told.then(() => this.#tell('naught:deploy:after', deploying));
    await this.#told;
  }

  async end(): Promise<void> {
    await this.#told;
    await this.client.close();
  }

  /** What a plugin throws where nobody waits for it would end the command, in the midst of an operation or before its result is shown. */
  readonly #onUncaught = (error: unknown): void => {
    const { stack = '' } = error as Error;
    const plugin = this.plugins.find(({ root }) => stack.includes(root));
    if (plugin !== undefined) return this.#complain(plugin, '', error);
    process.stderr.write(`${stack || error}\n`);
    process.exit(1);
  };

  async #ask(plugin: Found, deploying: Deploying): Promise<Refusal | undefined> {
    let refused: Refusal | undefined;
    const refuse = (message: string, { exit = 1 }: { exit?: number } = {}): never => {
      refused = { plugin: plugin.listed.name, message, exit };
      throw new Error(message);
    };
    const name = 'naught:deploy:before';
    try {
      await runHooks(plugin, name, { ...this.#context, ...deploying, refuse }, askMs);
    } catch (error) {
      const { message, oclif } = error as { message: string; oclif?: { exit?: number } };
      refused ??= oclif?.exit ? { plugin: plugin.listed.name, message, exit: oclif.exit } : undefined;
      if (refused === undefined) this.#complain(plugin, name, error);
    }
    return refused;
  }

  async #tell(name: keyof Hooks, options: object): Promise<void> {
    await Promise.all(
      this.plugins.map(async (plugin) => {
        if (this.#failed.has(plugin.listed.name + name)) return;
        await runHooks(plugin, name, { ...this.#context, ...options }, tellMs).catch((error) =>
          this.#complain(plugin, name, error),
        );
      }),
    );
  }

  /** Once: a hook of every event that fails is not run again for this operation. */
  #complain(plugin: Found, name: string, error: unknown): void {
    this.stuck ||= error instanceof TooLate;
    const what = name || String(error);
    if (this.#failed.has(plugin.listed.name + what)) return;
    this.#failed.add(plugin.listed.name + what);
    this.say(hookFailure(plugin.listed.name, name, error));
  }
}
