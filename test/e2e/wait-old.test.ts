import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lines, Naught, root } from '../support/naught.ts';

/** Opens an event stream, which holds its worker until it is closed. */
function openStream(naught: Naught): Promise<IncomingMessage> {
  const url = `http://127.0.0.1:${naught.env.PORT}/events`;
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.on('error', () => {});
      response.once('data', () => resolve(response));
    }).on('error', reject);
  });
}

it('deploy --wait-old false is done when the old workers were asked, and several generations leave at once', async () => {
  await using naught = await Naught.withPort();
  await naught.start(['--online-on', 'listening', join(root, 'examples/sse/server.js')]);
  const first = await openStream(naught);
  expect(await naught.run(['deploy', '--wait-old', 'false'])).toMatchObject({
    code: 0,
    stderr: lines('SpawnNew 1 1 0 0', 'NewOnline 0 1 0 1', 'ShutdownOld 0 0 1 1', 'done'),
  });
  const second = await openStream(naught);
  expect(await naught.run(['deploy', '--wait-old', 'false'])).toMatchObject({
    code: 0,
    stderr: lines('SpawnNew 1 1 1 0', 'NewOnline 0 1 1 1', 'ShutdownOld 0 0 2 1', 'done'),
  });
  expect((await naught.status()).count).toEqual({ booting: 0, online: 1, dying: 2, new_online: 0 });
  first.destroy();
  second.destroy();
  await naught.logged(/OldExit\. booting: 0, online: 1, dying: 0/);
  expect(await naught.run(['status'])).toMatchObject({ stdout: 'workers online: 1\n' });
});

it('deploy --wait-old false leaves no request to the former release, of whose many workers some wait for their turn', async () => {
  await using naught = await Naught.withPort({ RELEASE: 'first' });
  await naught.start(['--worker-count', '6', join(root, 'test/fixtures/servers/release.cjs')]);
  naught.env.RELEASE = 'second';
  expect((await naught.run(['deploy', '--wait-old', 'false'])).code).toBe(0);
  const url = `http://127.0.0.1:${naught.env.PORT}`;
  const close = { connection: 'close' };
  const answers = await Promise.all(
    Array.from({ length: 30 }, async () => (await fetch(url, { headers: close })).text()),
  );
  expect(new Set(answers)).toEqual(new Set(['second']));
});

it('leaves no deploy out that came while another one was completed', async () => {
  await using naught = await Naught.withPort();
  await naught.start();
  const client = async (name: string) => {
    for (let done = 0; done < 5; ) {
      const body = JSON.stringify({ waitOld: false, environment: { [`${name}${done}`]: 'set' } });
      const { status } = await naught.call('POST', '/deploy', { body, headers: { accept: 'application/json' } });
      if (status === 200) done += 1;
    }
  };
  const names = ['A', 'B', 'C', 'D'];
  await Promise.all(names.map(client));
  expect(await naught.settled('0 1 0 0')).toMatchObject({ release: 21 });
  const { env } = await naught.facts(0);
  for (const name of names) for (let n = 0; n < 5; n++) expect(env).toHaveProperty(`${name}${n}`, 'set');
});
