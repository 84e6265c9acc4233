import { expect, it } from 'vitest';
import { freePort } from '../../bench/port.ts';
import { Naught } from '../support/naught.ts';
import { ask, fixture } from './support.ts';

it("says after 5 s what to do about a server that listens and does not say 'online', to the command and in the log", async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  const start = naught.begin(['start', '--online-on', 'message', fixture]);
  const remedy = "call process.send('online') when it serves, or start with --online-on listening";
  await start.says(remedy);
  expect(start.stderr).toContain(
    "Status. booting: 1, online: 0, dying: 0, new_online: 0 (it listens, but has not said 'online'",
  );
  expect(await naught.logged(remedy)).not.toContain('NewOnline');
  expect(await ask(target)).toMatchObject({ slot: '0' });
});

it('just starts an ordinary server, after 5 s for the first worker, and waits for no other one', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  const started = await naught.run(['start', fixture]);
  expect(started).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
  expect(started.stderr).toMatch(/Status\. .*--online-on message.*\nNewOnline\./);
  const deployed = await naught.run(['deploy']);
  expect(deployed).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Status.') });
  expect(await ask(target)).toMatchObject({ slot: '0' });
});
