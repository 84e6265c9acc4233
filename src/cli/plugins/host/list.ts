import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A plugin of the user's, in oclif's own format: `oclif.plugins` of the package.json in the user's data folder. */
export interface Listed {
  name: string;
  type: 'user' | 'link';
  /** Of an installed one: what was asked for. */
  tag?: string;
  /** Of a linked one: its folder. */
  root?: string;
}

interface PackageJson {
  private?: boolean;
  dependencies?: Record<string, string>;
  oclif?: { schema?: number; plugins?: Listed[] };
}

export class PluginList {
  readonly #file: string;

  /** `folder`: of the user's data of naught. */
  constructor(readonly folder: string) {
    this.#file = join(folder, 'package.json');
  }

  /** Whose the list is. To run code that another user has chosen would be to act for them. */
  get foreign(): number | undefined {
    const { uid } = statSync(this.#file);
    return uid === 0 || uid === process.geteuid?.() ? undefined : uid;
  }

  read(): PackageJson {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw new Error(`${this.#file} cannot be read: ${(error as Error).message}`);
    }
  }

  get plugins(): Listed[] {
    return this.read().oclif?.plugins ?? [];
  }

  add(plugin: Listed): void {
    this.#write([...this.plugins.filter(({ name }) => name !== plugin.name), plugin]);
  }

  remove(name: string): void {
    const left = this.plugins.filter((plugin) => plugin.name !== name);
    if (left.length > 0) return this.#write(left);
    // Without a list no command looks for plugins.
    for (const file of ['package.json', 'package-lock.json', 'node_modules'])
      rmSync(join(this.folder, file), { recursive: true, force: true });
  }

  #write(plugins: Listed[]): void {
    mkdirSync(this.folder, { recursive: true });
    const list = { private: true, ...this.read(), oclif: { schema: 1, ...this.read().oclif, plugins } };
    writeFileSync(this.#file, `${JSON.stringify(list, null, 2)}\n`);
  }
}
