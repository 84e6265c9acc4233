/**
 * The worker that writes, begun by SIGUSR2. BURST (lines): all at once, in writes of PER_WRITE lines, and END as the last one. RATE
 * (bytes a second): evenly, as requests would have it, until the next SIGUSR2. Its output is blocking, as under naught's preload,
 * so that it is the same without.
 */
export const serverSource = `
const { BURST, PER_WRITE = '1', RATE, PORT, NEWLINE = '\\n' } = process.env;
process.stdout._handle?.setBlocking?.(true);
const line = 'x'.repeat(99) + NEWLINE;
const several = line.repeat(Number(PER_WRITE));
let timer;
process.on('SIGUSR2', () => {
  if (BURST) burst();
  else if (timer) timer = clearInterval(timer);
  else timer = steady();
});
function burst() {
  for (let left = Number(BURST) - 1; left > 0; left -= Number(PER_WRITE)) {
    process.stdout.write(left >= Number(PER_WRITE) ? several : line.repeat(left));
  }
  process.stdout.write('END'.padStart(99) + '\\n');
}
function steady() {
  const began = performance.now();
  let written = 0;
  return setInterval(() => {
    const due = ((performance.now() - began) / 1000) * Number(RATE);
    for (; written < due; written += several.length) process.stdout.write(several);
  }, 1);
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
