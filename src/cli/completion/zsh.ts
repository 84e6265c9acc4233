import type { CompletedCommand, CompletedOption } from './model.ts';
import { shells } from './text.ts';

/** The script that zsh reads: `eval "$(naught completion zsh)"`, or as a file `_naught` in its fpath. */
export function zshScript(commands: CompletedCommand[]): string {
  const described = commands.map(({ id, summary }) => `    '${id}:${summary}'`);
  return `#compdef naught
# naught for zsh: eval "$(naught completion zsh)"
_naught() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(caseOf).join('\n')}
  esac
}
if [ "$funcstack[1]" = _naught ]; then _naught "$@"; else compdef _naught naught; fi
`;
}

function caseOf({ id, options, argument }: CompletedCommand): string {
  const files = {
    script: ["'1:script:_files'", "'*:argument:_files'"],
    'ipc-file': [`'1:ipc-file:_files -g "*.ipc"'`],
    command: ["'1:command:{_describe command commands}'"],
    shell: [`'1:shell:(${shells.join(' ')})'`],
    nothing: [],
  }[argument];
  const words = [...options.flatMap(optionOf), ...files];
  return `    ${id}) _arguments ${words.map((word) => `\\\n      ${word}`).join(' ')} ;;`;
}

function optionOf({ name, char, help, value }: CompletedOption): string[] {
  const more = value === null ? '' : `:${name}:${value.path ? '_files' : `(${value.words.join(' ')})`}`;
  const long = `'*--${name}${value === null ? '' : '='}[${help}]${more}'`;
  return char === undefined ? [long] : [long, `'*-${char}[${help}]${more}'`];
}
