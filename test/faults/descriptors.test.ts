import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { get } from '../support/http.ts';
import { Naught } from '../support/naught.ts';

/** A server that misuses the descriptors which its process has of naught. */
const server = `
const fs = require('node:fs');
const forged = [
  { act: 'queryServer' },
  { act: 'queryServer', address: 5, port: -1, addressType: -1 },
  { act: 'close', key: 'x' },
  { cmd: 'NODE_HANDLE_ACK' },
];
const acts = {
  '/flood-4': () => flood(4, Buffer.alloc(65536, 10), 100),
  '/rubbish-4': () => fs.writeSync(4, 'no report\\n{"type":\\n{"report":1}\\n'),
  '/rubbish-3': () => fs.writeSync(3, 'no message\\n'.repeat(10)),
  '/forged-3': () => fs.writeSync(3, forged.map((message) => JSON.stringify({ cmd: 'NODE_CLUSTER', ...message }) + '\\n').join('').repeat(20)),
  '/flood-3': () => flood(3, Buffer.from('"x"\\n'.repeat(16384)), 100),
  '/reuse-4': () => {
    fs.closeSync(4);
    if (fs.openSync('own.txt', 'w') !== 4) throw new Error('not the same number');
  },
};
function flood(fd, bytes, times) {
  const write = (error) => (error && error.code !== 'EAGAIN') || times-- <= 0 || fs.write(fd, bytes, write);
  write();
}
require('node:http')
  .createServer((request, response) => {
    acts[request.url]?.();
    response.end(String(process.pid));
  })
  .listen(Number(process.env.PORT), '127.0.0.1', () => process.send('online'));
`;

describe('an application that writes to the descriptors which are naught’s', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    naught.write('server.js', server);
    await naught.start(['--worker-count', '2', 'server.js']);
    return () => naught[Symbol.asyncDispose]();
  });

  const ask = (path: string) => get(Number(naught.env.PORT), path);
  const notes = (text: RegExp) => naught.read('naught.log').match(new RegExp(text, 'g'))?.length ?? 0;

  it.each(['/flood-4', '/flood-3'])(
    'by a flood (%s) keeps neither other workers’ clients nor a command waiting',
    async (path) => {
      await ask(path);
      for (let round = 0; round < 10; round++) {
        const begun = performance.now();
        await ask('/');
        expect(performance.now() - begun).toBeLessThan(5_000);
      }
      expect(await naught.run(['status'])).toMatchObject({ code: 0, stdout: 'workers online: 2\n' });
    },
  );

  it('by rubbish is told in one line', async () => {
    await ask('/rubbish-4');
    await naught.logged(/warn worker \d \(pid \d+\) has written \d+ lines to descriptor 4/);
    const before = notes(/has written \d+ lines/);
    await ask('/rubbish-4');
    await ask('/');
    expect(notes(/has written \d+ lines/) - before).toBeLessThanOrEqual(1);
  });

  it('by rubbish on its channel is told in one line and replaced, and no exception is the supervisor’s', async () => {
    const worker = Number(await ask('/rubbish-3'));
    await naught.logged(`(pid ${worker}) has written to descriptor 3`);
    await eventually(async () => {
      const { workers } = await naught.status();
      return workers.length === 2 && workers.every(({ pid, state }) => pid !== worker && state === 'online')
        ? true
        : undefined;
    });
    expect(notes(new RegExp(`pid ${worker}\\) has written to descriptor 3`))).toBe(1);
    expect(naught.read('naught.log')).not.toContain('in the supervisor:');
  });

  it('by messages that look like those of node:cluster is told in one line with their number, and served on', async () => {
    const worker = Number(await ask('/forged-3'));
    await naught.logged(
      new RegExp(`pid ${worker}\\) has sent \\d\\d messages over its IPC channel that look like node:cluster's own`),
    );
    await ask('/forged-3');
    expect(await naught.run(['status'])).toMatchObject({ code: 0, stdout: 'workers online: 2\n' });
    expect(notes(new RegExp(`pid ${worker}\\) has sent`))).toBe(1);
    expect(naught.read('naught.log')).not.toContain('in the supervisor:');
  });

  it('by a file of its own under the number of the pipe finds in it nothing but its own', async () => {
    await naught.run(['deploy', '--worker-count', '1']);
    await ask('/reuse-4');
    expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
    expect(naught.read('own.txt')).toBe('');
  });
});
