import type { Command } from '@oclif/core/command';
import { forTerminal } from './text.ts';

/** What a command line can be completed to, from the manifest and with it from the tables of options. */
export interface CompletedCommand {
  id: string;
  summary: string;
  options: CompletedOption[];
  /** What its first argument is. */
  argument: 'script' | 'ipc-file' | 'command' | 'shell' | 'nothing';
}

export interface CompletedOption {
  name: string;
  char: string | undefined;
  help: string;
  /** null: it stands alone. Else the words that it takes, and whether it takes a path. */
  value: { words: string[]; path: boolean } | null;
}

/** What the commands are, in the order of their names. */
export function modelOf(commands: readonly Command.Loadable[]): CompletedCommand[] {
  const shown = commands.filter(({ hidden, id }) => !hidden && !id.includes(':'));
  return shown.map(describe).sort((one, other) => (one.id < other.id ? -1 : 1));
}

function describe({ id, summary = '', args, flags }: Command.Loadable): CompletedCommand {
  const options = Object.values(flags).map((flag) => ({
    name: flag.name,
    char: flag.char,
    help: forTerminal(flag.description ?? ''),
    value: flag.type === 'boolean' ? null : takenBy(flag.helpValue),
  }));
  return { id, summary: forTerminal(summary), options, argument: argumentOf(Object.keys(args)[0]) };
}

/** Of the form that the help shows, such as `SECONDS|none`, the words that are meant as they are. */
function takenBy(form: string | string[] | undefined): CompletedOption['value'] {
  const forms = [form ?? []]
    .flat()
    .join('|')
    .replaceAll(/\[.*?\]/g, '')
    .split('|');
  return { words: forms.filter((word) => /^[a-z][a-z0-9-]*$/.test(word)), path: forms.includes('PATH') };
}

const argumentsByName: Record<string, CompletedCommand['argument']> = {
  script: 'script',
  'ipc-file': 'ipc-file',
  cmd: 'command',
  shell: 'shell',
};

const argumentOf = (name = ''): CompletedCommand['argument'] => argumentsByName[name] ?? 'nothing';
