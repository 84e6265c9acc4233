// Writes docs/commands.md and man/naught.1 from the commands' own help: node scripts/docs.mjs; with --check it only says whether they are stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const { commands, version } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8'));
const groups = { run: 'Run a server', deploy: 'Change what runs', look: 'Look at it', more: 'More' };
const sorted = Object.values(commands).sort((one, other) => (one.id < other.id ? -1 : 1));
const grouped = Object.entries(groups).map(([group, title]) => [
  title,
  sorted.filter((each) => (each.group ?? 'more') === group),
]);

const pages = { 'docs/commands.md': markdown(), 'man/naught.1': manual() };
const stale = Object.keys(pages).filter((file) => readIfThere(file) !== pages[file]);
if (!process.argv.includes('--check')) {
  mkdirSync('man', { recursive: true });
  for (const file of stale) writeFileSync(file, pages[file]);
} else if (stale.length > 0) {
  console.error(`${stale.join(' and ')} no longer say what the commands do: npm run docs`);
  process.exitCode = 1;
}

function markdown() {
  const sections = grouped.map(([title, members]) => `## ${title}\n\n${members.map(chapter).join('\n\n')}`);
  return `# Commands

What \`naught help COMMAND\` says of each, from the same source. A path of a file is relative to the directory of the command; the ipc-file is
\`naught.ipc\` where none is given. Exit codes: 0 done, 1 failed, refused or aborted, 2 wrong usage.

${sections.join('\n\n')}
`;
}

function chapter({ id, summary, description, usage, flags, examples = [] }) {
  const options = Object.values(flags).map(
    (flag) =>
      `| \`${cell(nameOf(flag))}\` | ${flag.default === undefined || flag.type === 'boolean' ? '' : `\`${flag.default || "''"}\``} | ${cell(flag.description)} |`,
  );
  return [
    `### naught ${id}`,
    summary,
    `    naught ${usage ?? id}`,
    ...(description ? [description] : []),
    ['| option | default | |', '|---|---|---|', ...options].join('\n'),
    `\`\`\`sh\n${examples.map(exampleOf).join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function manual() {
  const sections = grouped.flatMap(([title, members]) => [`.SH ${title.toUpperCase()}`, ...members.flatMap(section)]);
  return `${[
    `.TH NAUGHT 1 "" "naught ${version}" "naught"`,
    '.SH NAME',
    'naught \\- zero\\-downtime deployment for Node.js servers',
    '.SH SYNOPSIS',
    '.B naught',
    '.I command',
    '[\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    roff(
      'naught runs a Node.js server as a daemon of cluster workers, and replaces, heals and upgrades them without losing a request.',
    ),
    ...sections,
    '.SH EXIT STATUS',
    roff('0: done. 1: failed, refused or aborted. 2: wrong usage.'),
    '.SH FILES',
    roff(
      'naught.ipc, naught.pid, naught.log, stdout.log and stderr.log in the directory in which the server was started.',
    ),
    '.SH SEE ALSO',
    roff('The guide, docs/README.md of the package.'),
  ].join('\n')}\n`;
}

function section({ id, summary, description = '', usage, flags, examples = [] }) {
  return [
    `.SS naught ${roff(usage ?? id)}`,
    roff(summary),
    ...description
      .split('\n\n')
      .filter(Boolean)
      .flatMap((text) => ['.PP', roff(text)]),
    ...Object.values(flags).flatMap((flag) => [
      '.TP',
      `\\fB${roff(nameOf(flag))}\\fR`,
      roff(`${flag.description}${flag.default && flag.type !== 'boolean' ? ` (default: ${flag.default})` : ''}`),
    ]),
    ...examples.flatMap((example) => ['.PP', '.nf', `    ${roff(exampleOf(example))}`, '.fi']),
  ];
}

function nameOf({ name, char, helpValue }) {
  return `${char ? `-${char}, ` : ''}--${name}${helpValue ? ` ${helpValue}` : ''}`;
}

function exampleOf(example) {
  return example.replaceAll('<%= config.bin %>', 'naught');
}

function cell(text = '') {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function roff(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
