// Makes docs/picture.svg of a real run, in a real terminal (tmux): node scripts/picture.mjs
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const columns = 100;
const rows = 30;
const commands = ['naught start --worker-count 2 server.js', 'naught deploy', 'naught status'];
const folder = join(mkdtempSync(join(tmpdir(), 'naught-picture-')), 'shop');
const tmux = (...args) => execFileSync('tmux', ['-L', 'naught-picture', ...args], { encoding: 'utf8' });

mkdirSync(join(folder, 'bin'), { recursive: true });
writeFileSync(
  join(folder, 'bin/naught'),
  `#!/bin/sh\nexec "${process.execPath}" "${resolve('dist/cli/main.js')}" "$@"\n`,
);
chmodSync(join(folder, 'bin/naught'), 0o755);
writeFileSync(
  join(folder, 'server.js'),
  "require('node:http').createServer((q, r) => r.end()).listen(0, () => process.send('online'));\n",
);
try {
  const shell = `cd ${folder} && PATH=${folder}/bin:$PATH PS1='$ ' exec sh`;
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), shell);
  tmux('set', '-g', 'status', 'off');
  for (const command of commands) {
    tmux('send-keys', `${command}; tmux -L naught-picture wait-for -S done`, 'Enter');
    tmux('wait-for', 'done');
  }
  await new Promise((settled) => setTimeout(settled, 500));
  const lines = tmux('capture-pane', '-e', '-p')
    .replaceAll('; tmux -L naught-picture wait-for -S done', '')
    .trimEnd()
    .split('\n');
  writeFileSync('docs/picture.svg', svg(lines.slice(0, -1)));
} finally {
  spawnSync(join(folder, 'bin/naught'), ['stop'], { cwd: folder });
  spawnSync('tmux', ['-L', 'naught-picture', 'kill-server']);
  rmSync(join(folder, '..'), { recursive: true, force: true });
}

function svg(lines) {
  const [width, line] = [8.4, 19];
  const size = [columns * width + 32, lines.length * line + 32].map(Math.ceil);
  const texts = lines.map((text, row) => `<text x="16" y="${28 + row * line}">${spans(text)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(' ')}" role="img">
<title>A server is started, deployed to, and shown</title>
<rect width="100%" height="100%" rx="8" fill="#16181d"/>
<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#d7dae0" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`;
}

/** The pieces of a line that are of one look: those of the eight colours, bold and dim, as a terminal is told them. */
function spans(text) {
  let look = '';
  const [plain, ...pieces] = text.split('\x1b[');
  const styled = pieces.map((piece) => {
    const end = piece.indexOf('m');
    look = lookOf(piece.slice(0, end).split(';').map(Number), look);
    return `<tspan${look}>${escaped(piece.slice(end + 1))}</tspan>`;
  });
  return escaped(plain) + styled.join('');
}

function lookOf(codes, former) {
  const colors = ['#5c6370', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d7dae0'];
  const bold = ' font-weight="bold"';
  let look = former;
  for (const code of codes) {
    if (code === 0) look = '';
    else if (code === 1) look = `${look.replace(bold, '')}${bold}`;
    else if (code === 2) look = ' fill="#8b929e"';
    else if (code === 39 || code === 22) look = '';
    else if (code % 10 < 8 && [3, 9].includes(Math.floor(code / 10))) look = ` fill="${colors[code % 10]}"`;
  }
  return look;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
