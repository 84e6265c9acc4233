/**
 * Words of other programs, and of naught's own past and neighbours, for what naught calls otherwise. To each: what it is here, the first that exists; or,
 * in a sentence, what to do instead. Only where naught has no such word itself.
 */
const commands: Record<string, string[]> = {
  reload: ['deploy'],
  redeploy: ['deploy'],
  upgrade: ['deploy'],
  update: ['deploy'],
  gracefulreload: ['deploy'],
  startorreload: ['deploy'],
  startorrestart: ['deploy'],
  list: ['status'],
  ls: ['status'],
  l: ['status'],
  ps: ['status'],
  show: ['status'],
  describe: ['status'],
  info: ['status'],
  ping: ['status'],
  jlist: ['status --json'],
  prettylist: ['status --json'],
  monit: ['top', 'status'],
  dashboard: ['top', 'status'],
  dash: ['top', 'status'],
  kill: ['stop'],
  delete: ['stop'],
  del: ['stop'],
  rm: ['stop'],
  down: ['stop'],
  shutdown: ['stop'],
  quit: ['stop'],
  run: ['start'],
  up: ['start'],
  serve: ['start'],
  launch: ['start'],
  abort: ['deploy-abort'],
  cancel: ['deploy-abort'],
  undo: ['rollback', 'deploy'],
  revert: ['rollback', 'deploy'],
  history: ['releases', 'status'],
  resize: ['scale', 'deploy --worker-count N'],
  tail: ['logs -f'],
  log: ['logs'],
  reloadlogs: ['logs'],
  save: ['not needed: naught keeps no list of servers, and a service manager runs `naught start --daemon-mode false`'],
  startup: ['the work of a service manager, which runs `naught start --daemon-mode false`'],
  resurrect: ['the work of a service manager, which runs `naught start --daemon-mode false`'],
};

const options: Record<string, string[]> = {
  '-i': ['--worker-count'],
  '--instances': ['--worker-count'],
  '--workers': ['--worker-count'],
  '-w': ['--worker-count'],
  '--processes': ['--worker-count'],
  '--concurrency': ['--worker-count'],
  '--name': ['--ipc-file', 'not needed, since a server is named by its ipc-file'],
  '-n': ['--ipc-file', 'not needed, since a server is named by its ipc-file'],
  '--output': ['--stdout'],
  '-o': ['--stdout'],
  '--error': ['--stderr'],
  '-e': ['--stderr'],
  '--log-file': ['--log'],
  '-l': ['--log'],
  '--pid': ['--pid-file'],
  '-p': ['--pid-file'],
  '--no-daemon': ['--daemon-mode false'],
  '--foreground': ['--daemon-mode false'],
  '--attach': ['--daemon-mode false'],
  '--interpreter-args': ['--node-args'],
  '--node-options': ['--node-args'],
  '--wait-ready': ['--online-on message'],
  '--listen-timeout': ['--timeout'],
  '--kill-timeout': ['--drain-timeout', '--timeout'],
  '--update-env': ['--override-env true'],
  '--max-memory-restart': ["--node-args='--max-old-space-size=512'"],
  '--dir': ['--cwd'],
  '-f': ['--follow'],
  '--tail': ['--lines'],
  '--watch': ['a deploy for each change: `naught deploy`'],
};

/** `: in naught that is …` for a command of another program; undefined for any other word. `own`: the commands that there are. */
export function ownCommand(word: string, own: readonly string[]): string | undefined {
  const meant = (commands[word.toLowerCase()] ?? []).find(
    (each) => isSentence(each) || own.includes(each.split(' ')[0]!),
  );
  return meant && `: in naught that is ${isSentence(meant) ? meant : `\`naught ${meant}\``}`;
}

/** The same for an option; `own`: those of the command. */
export function ownOption(name: string, own: readonly string[]): string | undefined {
  const meant = (options[name] ?? []).find((each) => isSentence(each) || own.includes(each.split(/[ =]/)[0]!));
  return meant && `: in naught that is ${isSentence(meant) ? meant : `\`${meant}\``}`;
}

/** Some have no counterpart. */
const isSentence = (text: string): boolean => /^(not|the|a) /.test(text);
