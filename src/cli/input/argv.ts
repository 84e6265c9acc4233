/** The words of a command line, in the order that oclif is given them. */
export interface Words {
  command: string | undefined;
  /** `--name` to `--name=value`, or to `--name` where no value follows. The last of a name wins, as in 1.x, unless it may be repeated. */
  options: Map<string, string[]>;
  positionals: string[];
  /** What belongs to the script: after the script of `start`, after the `--` of `deploy`. */
  rest: string[] | undefined;
}

/** What is to be known of an option, by its name without dashes: as oclif's manifest has it. */
type Shapes = Readonly<Record<string, { type: string; char?: string; multiple?: boolean }>>;

/** What every command has. */
const common: Shapes = {
  json: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', char: 'h' },
};

/**
 * Takes a command line apart, so that nothing that is meant for the script is ever read as an option of naught. An option of
 * unknown shape takes the next word as its value, whatever that is, as in 1.x: so it is for all of `start`.
 */
export function readWords([command, ...words]: readonly string[], shapes: Shapes = {}): Words {
  const known = { ...shapes, ...common };
  const read: Words = { command, options: new Map(), positionals: [], rest: undefined };
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === '--') endOptions(read, words.splice(0));
    else if (isOption(word)) readOption(read.options, longName(word, known), known, words);
    else read.positionals.push(word);
    if (command === 'start' && read.positionals.length > 0) read.rest ??= words.splice(0);
  }
  return read;
}

/** Whether `--json` is among the words that are naught's, be it where the value of an option is expected: for errors of usage. */
export function mentionsJson(argv: readonly string[]): boolean {
  const { command, options, positionals } = readWords(argv);
  const words = [command ?? '', ...[...options.values()].flat(), ...positionals];
  return words.some((word) => word === '--json' || word.endsWith('=--json'));
}

/** The command first: `naught --json status` is `naught status --json`. */
export function commandFirst(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => common[word.slice(2)]?.type !== 'boolean' || word === '--help');
  return at <= 0 ? argv : [argv[at]!, ...argv.slice(0, at), ...argv.slice(at + 1)];
}

/** The words for oclif: options, positionals, and what belongs to the script behind a `--`, where oclif does not look. */
export function arrange({ options, positionals, rest }: Words): string[] {
  return [...[...options.values()].flat(), ...positionals, ...(rest === undefined ? [] : ['--', ...rest])];
}

/** Whether this is `start --daemon-mode false`, which must run without loading any package. */
export function wantsForeground(argv: readonly string[]): boolean {
  const { command, options } = readWords(argv);
  return command === 'start' && options.get('--daemon-mode')?.[0] === '--daemon-mode=false' && !options.has('--help');
}

/** Set in the process that only reads the command line for one that stays in the foreground: the file descriptor to answer on. */
export const readerVariable = 'NAUGHT_FOREGROUND_FD';

export const isForegroundReader = (): boolean => process.env[readerVariable] !== undefined;

const isOption = (word: string): boolean => word.startsWith('-') && word !== '-';

/** `-f` is `--follow` where the command has such a letter. */
function longName(word: string, known: Shapes): string {
  const name = Object.keys(known).find((each) => word === `-${known[each]?.char}`);
  return name === undefined ? word : `--${name}`;
}

function readOption(options: Map<string, string[]>, word: string, known: Shapes, words: string[]): void {
  const [name] = word.split('=', 1) as [string];
  const shape = known[name.slice(2)];
  const alone = word !== name || shape?.type === 'boolean' || !word.startsWith('--') || words.length === 0;
  const former = shape?.multiple ? (options.get(name) ?? []) : [];
  options.delete(name);
  options.set(name, [...former, alone ? word : `${word}=${words.shift()}`]);
}

/** A `--` of the user: before the script it only ends the options; for `deploy` the script's new options follow. */
function endOptions(read: Words, words: string[]): void {
  if (read.command === 'deploy') {
    read.rest = words;
  } else if (read.command === 'start') {
    read.positionals.push(...words.slice(0, 1));
    read.rest = words.slice(1);
  } else {
    read.positionals.push(...words);
  }
}
