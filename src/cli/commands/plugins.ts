import { string } from '@oclif/core/args';
import { CallError } from '../../protocol/errors.ts';
import { NaughtCommand, prose } from '../command.ts';
import { UsageError } from '../input/usage-error.ts';
import type { Host, Inspected } from '../plugins/host/main.ts';
import { hasPlugins, openHost } from '../plugins/index.ts';

type Found = Awaited<ReturnType<Host['install']>>;

export default class Plugins extends NaughtCommand {
  static override summary = 'List, install, link, inspect and remove plugins.';
  static override description = prose(`
A plugin adds commands, is told the events of what a command follows, and may refuse a deploy. It is code that runs as you: install
what you trust. They are kept in your data folder (XDG_DATA_HOME/naught), and installed by the npm that comes with Node.

install takes what npm takes: a name, name@version, a tarball, a folder or an address of git. link uses a folder as it is, for who
writes a plugin.
`);

  static override usage = 'plugins [install PLUGIN | link FOLDER | inspect PLUGIN | uninstall PLUGIN]';
  static override examples = [
    '<%= config.bin %> plugins',
    '<%= config.bin %> plugins install naught-plugin-notify',
    '<%= config.bin %> plugins link ./my-plugin',
    '<%= config.bin %> plugins inspect naught-plugin-notify',
    '<%= config.bin %> plugins uninstall naught-plugin-notify',
  ];

  static override args = {
    action: string({ description: 'what is to be done; without one they are listed', ignoreStdin: true }),
    plugin: string({ description: 'which plugin, or a folder to link', ignoreStdin: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Plugins);
    const { action, plugin } = args;
    if (action === undefined) return this.#list();
    const act = actions[action];
    if (act === undefined) throw new UsageError(`unknown action \`${action}\`: install, link, inspect or uninstall`);
    if (plugin === undefined)
      throw new UsageError(`plugins ${action}: missing the ${action === 'link' ? 'folder' : 'plugin'}`);
    try {
      const { value, text } = await act(openHost(), plugin);
      this.reporter.result(value, text);
    } catch (error) {
      throw new CallError('plugin', (error as Error).message, undefined, { cause: error });
    }
  }

  #list(): void {
    const plugins = hasPlugins() ? openHost().list() : [];
    const lines = plugins.map(
      ({ name, version, root, problem }) => problem ?? `${name} ${version}${root ? ` (${root})` : ''}`,
    );
    this.reporter.result(plugins, lines.length > 0 ? lines.join('\n') : 'no plugins are installed');
  }
}

interface Done {
  value: unknown;
  text: string;
}

const actions: Record<string, (host: Host, plugin: string) => Done | Promise<Done>> = {
  install: async (host, plugin) => added('installed', await host.install(plugin)),
  link: async (host, plugin) => added('linked', await host.link(plugin)),
  inspect: async (host, plugin) => {
    const value = await host.inspect(plugin);
    return { value, text: inspectedText(value) };
  },
  uninstall: (host, plugin) => {
    const value = host.uninstall(plugin);
    return { value, text: `removed ${value.name}` };
  },
};

function added(how: string, { listed, version, root }: Found): Done {
  const { name, type } = listed;
  return { value: { name, type, version, root }, text: `${how} ${name} ${version}` };
}

function inspectedText({ name, version, type, root, naught2, hooks, commands }: Inspected): string {
  return [
    `${name} ${version}`,
    `${type === 'link' ? 'linked from' : 'installed in'} ${root}`,
    `made for naught2 ${naught2 ?? 'of any version, as it does not say'}`,
    `hooks: ${hooks.join(', ') || 'none'}`,
    ...(commands.length === 0
      ? ['commands: none']
      : ['commands:', ...commands.map(({ id, summary }) => `  naught ${id.replaceAll(':', ' ')}  ${summary}`)]),
  ].join('\n');
}
