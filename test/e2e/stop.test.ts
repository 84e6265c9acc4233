import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { lines, Naught, server } from '../support/naught.ts';
import { isAlive } from '../support/processes.ts';

const joinedWithTimeout = 'Waiting for shutdown already in progress.\n';
const joined = `${joinedWithTimeout}If it hangs, Ctrl+C this command and try it again with --timeout 1\n`;
const leaving = ['ShutdownOld 0 1 1 0', 'ShutdownOld 0 0 2 0'];
const killed = ['Timeout 0 0 2 0', 'DestroyOld 0 0 2 0', 'DestroyOld 0 0 2 0'];
const gone = ['OldExit 0 0 1 0', 'OldExit 0 0 0 0'];

describe('stop', () => {
  it('waits until the workers have left by themselves, and then nothing is left', async () => {
    await using naught = await Naught.withPort({ BOOT: 'linger:go' });
    await naught.start(['--worker-count', '2', server]);
    const { pid, workers } = await naught.status();
    const stopping = naught.begin(['stop']);
    await stopping.says('ShutdownOld. booting: 0, online: 0, dying: 2');
    expect(await naught.run(['status'])).toMatchObject({
      code: 0,
      stdout: 'shutting down\nbooting: 0, online: 0, dying: 2, new_online: 0\n',
    });
    expect(await naught.run(['deploy'])).toMatchObject({ code: 1, stderr: 'The server is shutting down\n' });
    expect(await naught.run(['deploy-abort'])).toMatchObject({ code: 1, stderr: 'The server is shutting down\n' });
    expect(naught.pid()).toBe(pid);
    naught.write('go');
    expect(await stopping.ended).toEqual({ code: 0, signal: null, stdout: '', stderr: lines(...leaving, ...gone) });
    expect([naught.exists('naught.ipc'), naught.exists('naught.pid')]).toEqual([false, false]);
    await eventually(() => ([pid, ...workers.map((each) => each.pid ?? 0)].some(isAlive) ? undefined : true));
    const again = await naught.run(['stop']);
    expect(again).toEqual({ code: 0, signal: null, stdout: '', stderr: 'server not running\n' });
  });

  it('is joined by a second one, which can add a timeout', async () => {
    await using naught = await Naught.withPort({ BOOT: 'ignore' });
    await naught.start(['--worker-count', '2', server]);
    const first = naught.begin(['stop']);
    await first.says('ShutdownOld. booting: 0, online: 0, dying: 2');
    const second = naught.begin(['stop']);
    await second.says(`${joined}${lines(...leaving)}`);
    const third = await naught.run(['stop', '--timeout', '0.2']);
    expect(third).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: joinedWithTimeout + lines(...leaving, ...killed, ...gone),
    });
    expect(await first.ended).toMatchObject({ code: 0, stderr: lines(...leaving, ...killed, ...gone) });
    expect(await second.ended).toMatchObject({ code: 0, stderr: joined + lines(...leaving, ...killed, ...gone) });
    expect(naught.events().slice(-8)).toEqual([...leaving, ...killed, ...gone, 'Shutdown 0 0 0 0']);
  });

  it('without a timeout does not give a later one up for it', async () => {
    await using naught = await Naught.withPort({ BOOT: 'ignore' });
    await naught.start();
    const first = naught.begin(['stop', '--timeout', '1.5']);
    await first.says('ShutdownOld');
    const second = await naught.run(['stop']);
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('DestroyOld') });
    expect(await first.ended).toMatchObject({ code: 0 });
  });

  it('ends a deploy that waits for new workers, which is told so', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    const deploying = naught.begin(['deploy'], { env: { BOOT: 'silent' } });
    await deploying.says('SpawnNew');
    const stopped = await naught.run(['stop', '--timeout', '5']);
    expect(stopped).toMatchObject({ code: 0, stderr: expect.stringMatching(/^ShutdownOld\. /) });
    expect(await deploying.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/The server is shutting down\n$/),
    });
    expect(naught.pid()).toBeNull();
  });

  it('ends a boot that hangs', async () => {
    await using naught = await Naught.withPort({ BOOT: 'silent' });
    const starting = naught.begin(['start', server]);
    await starting.says('SpawnNew');
    expect(await naught.run(['status'])).toMatchObject({
      code: 0,
      stdout: 'booting\nbooting: 1, online: 0, dying: 0, new_online: 0\n',
    });
    expect(await naught.run(['deploy'])).toMatchObject({ code: 1, stderr: 'The server is still booting\n' });
    expect(await naught.run(['stop', '--timeout', '5'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/OldExit/),
    });
    const { code, stdout } = await starting.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(naught.pid()).toBeNull();
  });
});
