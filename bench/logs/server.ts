/**
 * The worker that writes. BURST (lines): all at once at SIGUSR2, in writes of PER_WRITE lines, and END as the last one. RATE (bytes
 * a second): without a pause from its start; to ASIDE, a file that a process of its own writes from a pipe, and not to stdout. Its
 * output is blocking, as under naught's preload, so that it is the same without.
 */
export const serverSource = `
const { BURST, PER_WRITE = '1', RATE, ASIDE, PORT, NEWLINE = '\\n' } = process.env;
process.stdout._handle?.setBlocking?.(true);
const line = 'x'.repeat(99) + NEWLINE;
const several = line.repeat(Number(PER_WRITE));
process.on('SIGUSR2', () => {
  for (let left = Number(BURST) - 1; left > 0; left -= Number(PER_WRITE)) {
    process.stdout.write(left >= Number(PER_WRITE) ? several : line.repeat(left));
  }
  process.stdout.write('END'.padStart(99) + '\\n');
});
if (RATE && process.env.NAUGHT_WORKER === '0') {
  const began = performance.now();
  let written = 0;
  const out = ASIDE ? copier(ASIDE) : process.stdout;
  setInterval(() => {
    const due = ((performance.now() - began) / 1000) * Number(RATE);
    for (; written < due; written += several.length) out.write(several);
  }, 5);
}
function copier(file) {
  const source = 'process.stdin.pipe(require("node:fs").createWriteStream(process.argv[1]))';
  const options = { stdio: ['pipe', 'ignore', 'ignore'], env: {} };
  const { stdin } = require('node:child_process').spawn(process.execPath, ['-e', source, file], options);
  stdin._handle.setBlocking(true);
  return stdin.on('error', () => {});
}
require('node:http').createServer((_, response) => response.end('ok')).listen(Number(PORT || 0), '127.0.0.1', () => {
  process.send?.('online');
});
`;

/** Starts the server and pipes its output to a file: what naught is compared with. Prints the server's pid. */
export const rawReaderSource = `
const [server, file] = process.argv.slice(2);
const child = require('node:child_process').spawn(process.execPath, [server], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
child.stdout.pipe(require('node:fs').createWriteStream(file));
child.once('message', () => console.log(child.pid));
process.on('SIGTERM', () => { child.kill(); process.exit(0); });
`;
