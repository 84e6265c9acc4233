import type { CompletedCommand } from './model.ts';
import { shells } from './text.ts';

/** The script that bash reads: `eval "$(naught completion bash)"`. Where nothing of naught's fits, bash completes files. */
export function bashScript(commands: CompletedCommand[]): string {
  const ids = commands.map(({ id }) => id).join(' ');
  return `# naught for bash: eval "$(naught completion bash)"
_naught() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  # bash takes --name=value for three words
  if [ "$before" = = ]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if [ "$word" = = ]; then word=''; fi
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W '${ids}' -- "$word")); return; fi
  case "$command $before" in
${commands.flatMap(valuesOf).join('\n')}
  esac
  case "$command" in
${commands.map((command) => argumentOf(command, ids)).join('\n')}
  esac
}
complete -o bashdefault -o default -F _naught naught
`;
}

/** The words after an option that takes a value; a path is left to bash. */
function valuesOf({ id, options }: CompletedCommand): string[] {
  return options.flatMap(({ name, char, value }) => {
    if (value === null) return [];
    const pattern = [`'${id} --${name}'`, ...(char === undefined ? [] : [`'${id} -${char}'`])].join('|');
    const words = value.words.length > 0 ? `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$word")); ` : '';
    return [`    ${pattern}) ${words}return ;;`];
  });
}

function argumentOf({ id, options, argument }: CompletedCommand, ids: string): string {
  const names = options.map(({ name }) => `--${name}`).join(' ');
  const files = {
    script: `compgen -f -X '!*.@(js|mjs|cjs|ts)' -- "$word"; compgen -d -- "$word"`,
    'ipc-file': `compgen -G "$word*.ipc"; compgen -d -- "$word"`,
    command: `compgen -W '${ids}' -- "$word"`,
    shell: `compgen -W '${shells.join(' ')}' -- "$word"`,
    nothing: ':',
  }[argument];
  return `    ${id})
      case "$word" in
        -*) COMPREPLY=($(compgen -W '${names} --help' -- "$word")) ;;
        *) COMPREPLY=($(shopt -s extglob; ${files})) ;;
      esac ;;`;
}
