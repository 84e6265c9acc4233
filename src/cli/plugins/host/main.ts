import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from '@oclif/core/config';
import type * as PublicClient from '../../../protocol/public/client.ts';
import { install, link, listedAs, type Own, provideNaught, uninstall } from './change.ts';
import { type Listed, PluginList } from './list.ts';
import { type Found, find, inspect, loadCommands } from './load.ts';
import { Session } from './session.ts';

/** What a command loads when the user has plugins, and not before: see ../index.ts. */
export { Args, Command, Flags } from './oclif.ts';

export class Host {
  readonly #list: PluginList;

  /** `say`: is told what is wrong with a plugin, which is then not used. */
  constructor(
    folder: string,
    readonly own: Own,
    readonly say: (text: string) => void,
  ) {
    this.#list = new PluginList(folder);
  }

  /** The plugins that can be used. */
  get plugins(): Found[] {
    return this.#try(() => this.#usable()) ?? [];
  }

  #usable(): Found[] {
    const { foreign } = this.#list;
    if (foreign !== undefined) {
      this.say(`the plugins in ${this.#list.folder} are not used: they belong to the user id ${foreign}`);
      return [];
    }
    this.#relink();
    return this.#list.plugins.flatMap((listed) => this.#try(() => find(this.#list, listed, this.own.version)) ?? []);
  }

  /** Those that have commands, with them. */
  async commands(): Promise<Plugin[]> {
    const loaded: Plugin[] = [];
    for (const found of this.plugins) {
      try {
        loaded.push(await loadCommands(found));
      } catch (error) {
        this.say((error as Error).message);
      }
    }
    return loaded;
  }

  /** For one operation of the server at an ipc-file. */
  async session(ipcFile: string): Promise<Session | undefined> {
    const plugins = this.plugins.filter(({ hooks }) => Object.keys(hooks).some((name) => name.startsWith('naught:')));
    if (plugins.length === 0) return undefined;
    const { connect } = createRequire(join(this.own.root, 'package.json'))(
      './dist/client/client.cjs',
    ) as typeof PublicClient;
    return new Session(plugins, await connect(ipcFile), ipcFile, this.say);
  }

  list(): (Listed & { version?: string; problem?: string })[] {
    return this.#list.plugins.map((listed) => {
      try {
        return { ...listed, version: find(this.#list, listed, this.own.version).version };
      } catch (error) {
        return { ...listed, problem: (error as Error).message };
      }
    });
  }

  install(spec: string): Promise<Found> {
    return install(this.#list, spec, this.own);
  }

  link(folder: string): Promise<Found> {
    return link(this.#list, folder, this.own);
  }

  uninstall(name: string): Listed {
    return uninstall(this.#list, name);
  }

  /** Everything about one plugin. */
  async inspect(name: string): Promise<Inspected> {
    const listed = listedAs(this.#list, name);
    const root = listed.root ?? join(this.#list.folder, 'node_modules', listed.name);
    const { version, madeFor, hooks, ...found } = inspect(root, listed);
    const { commands } = await loadCommands({ version, madeFor, hooks, ...found });
    return {
      ...listed,
      version,
      root,
      naught2: madeFor ?? null,
      hooks: Object.keys(hooks),
      commands: commands.map(({ id, summary }) => ({ id, summary: summary ?? '' })),
    };
  }

  /** Where naught itself has been moved or renewed since. */
  #relink(): void {
    if (this.#list.plugins.some(({ type }) => type === 'user')) {
      this.#try(() => provideNaught(this.#list.folder, this.own.root));
    }
  }

  #try<Value>(work: () => Value): Value | undefined {
    try {
      return work();
    } catch (error) {
      this.say((error as Error).message);
      return undefined;
    }
  }
}

export interface Inspected extends Listed {
  version: string;
  root: string;
  /** The range of versions that it is made for. */
  naught2: string | null;
  hooks: string[];
  commands: { id: string; summary: string }[];
}
