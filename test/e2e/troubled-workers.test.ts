import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';
import { kill } from '../support/processes.ts';

// One daemon for the file: each test ends in a deploy that works, with as many workers as the release asks for.
describe('whatever a worker does, a later deploy works', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start(['--worker-count', '2', server]);
    return () => naught[Symbol.asyncDispose]();
  });

  beforeEach(() => async () => {
    for (const name of ['boot', 'boot-0', 'boot-1', 'go']) naught.remove(name);
    const deployed = await naught.run(['deploy', '--worker-count', '2', '--timeout', '20']);
    expect(deployed).toMatchObject({ code: 0, stderr: expect.stringMatching(/done\n$/) });
    const { workers } = await naught.settled('0 2 0 0');
    expect(workers.map(({ slot, state }) => `${slot} ${state}`)).toEqual(['0 online', '1 online']);
    await Promise.all([naught.facts(0), naught.facts(1)]);
  });

  const booting = async () => {
    const worker = await eventually(async () =>
      (await naught.status()).workers.find(({ state, pid }) => state === 'booting' && pid !== undefined),
    );
    return worker.pid ?? 0;
  };

  it('it dies while it serves', async () => {
    kill(await naught.worker(0));
    await naught.logged(/WorkerDeath/);
    await naught.settled('0 2 0 0');
  });

  it('its replacement still boots when the deploy begins', async () => {
    naught.write('boot-1', 'wait:go');
    kill(await naught.worker(1));
    await naught.logged(`worker 1 waits (${await booting()})`, 'stdout.log');
    naught.write('boot-1', '');
    const deployed = await naught.run(['deploy']);
    expect(deployed.stderr).toMatch(/^SpawnNew\. booting: 2, online: 1, dying: 0, new_online: 0\n/);
    expect(deployed).toMatchObject({ code: 0 });
    await naught.settled('0 2 0 0');
  });

  it('it dies while it boots again', async () => {
    naught.write('boot-1', 'wait:go');
    kill(await naught.worker(1));
    const replacement = await booting();
    kill(replacement);
    naught.write('go');
    const { workers } = await naught.settled('0 2 0 0');
    expect(workers.map(({ slot }) => slot)).toEqual([0, 1]);
  });

  it('it dies as a new worker that is online, while the deploy waits for others', async () => {
    naught.write('boot-1', 'wait:go');
    const before = (await naught.status()).workers.map(({ pid }) => pid);
    const deploying = naught.begin(['deploy']);
    await deploying.says('NewOnline. booting: 1, online: 2, dying: 0, new_online: 1');
    const fresh = (await naught.status()).workers.find(({ state }) => state === 'new_online')?.pid ?? 0;
    kill(fresh);
    await deploying.says('NewDeath. booting: 1, online: 2, dying: 0, new_online: 0');
    naught.write('go');
    expect(await deploying.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('was killed by SIGKILL before all workers were online'),
    });
    expect((await naught.settled('0 2 0 0')).workers.map(({ pid }) => pid)).toEqual(before);
  });

  it('it dies as a new worker while the deploy waits for old ones to leave', async () => {
    naught.write('boot', 'linger:go');
    await naught.run(['deploy']);
    naught.remove('boot');
    const deploying = naught.begin(['deploy']);
    await deploying.says('ShutdownOld. booting: 0, online: 0, dying: 2, new_online: 2');
    const { workers, release } = await naught.status();
    const fresh = workers.find(({ state }) => state === 'new_online')?.pid ?? 0;
    kill(fresh);
    await deploying.says('WorkerOnline. booting: 0, online: 0, dying: 2, new_online: 2');
    naught.write('go');
    expect(await deploying.ended).toMatchObject({ code: 0 });
    const settled = await naught.settled('0 2 0 0');
    expect(settled.workers.map((worker) => worker.release)).toEqual([release, release]);
  });

  it('it dies as an old worker that is leaving', async () => {
    naught.write('boot', 'linger:go');
    await naught.run(['deploy']);
    naught.remove('boot');
    const deploying = naught.begin(['deploy']);
    await deploying.says('ShutdownOld. booting: 0, online: 0, dying: 2, new_online: 2');
    for (const { state, pid } of (await naught.status()).workers) if (state === 'dying') kill(pid);
    expect(await deploying.ended).toMatchObject({ code: 0 });
    await naught.settled('0 2 0 0');
  });

  it('all of them die at once', async () => {
    const { workers } = await naught.status();
    for (const { pid } of workers) kill(pid);
    const old = workers.map(({ pid }) => pid);
    await eventually(async () =>
      (await naught.status()).workers.some(({ pid }) => old.includes(pid)) ? undefined : true,
    );
    await naught.settled('0 2 0 0');
  });

  it('all of them die at once during a deploy, the new ones included', async () => {
    naught.write('boot', 'wait:go');
    const deploying = naught.begin(['deploy']);
    await deploying.says('SpawnNew. booting: 2');
    for (const { pid } of (await naught.status()).workers) kill(pid);
    naught.remove('boot');
    naught.write('go');
    expect(await deploying.ended).toMatchObject({ code: 1 });
    await naught.settled('0 2 0 0');
  });

  it("it exits 0 before it has said 'online'", async () => {
    const { release } = await naught.status();
    const failed = await naught.run(['deploy'], { env: { BOOT: 'exit:0' } });
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exited with code 0 before it was online'),
    });
    expect(await naught.settled('0 2 0 0')).toMatchObject({ release });
    await naught.run(['deploy']);
  });

  it("it says 'online' twice, and later again", async () => {
    naught.write('boot', 'twice');
    const deployed = await naught.run(['deploy']);
    expect(deployed).toMatchObject({ code: 0 });
    expect(deployed.stderr.match(/NewOnline/g)).toHaveLength(2);
    const events = naught.events().length;
    await naught.ask('/online', 0);
    await naught.ask('/say?word=ONLINE&word=Online', 1);
    await naught.facts(1);
    expect(await naught.settled('0 2 0 0')).toMatchObject({ count: { online: 2 } });
    expect(naught.events()).toHaveLength(events);
  });

  it("it ignores 'shutdown'", async () => {
    naught.write('boot', 'ignore');
    await naught.run(['deploy']);
    naught.remove('boot');
    const deployed = await naught.run(['deploy', '--timeout', '3']);
    expect(deployed).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/Timeout[\s\S]*DestroyOld[\s\S]*done\n$/),
    });
    await naught.settled('0 2 0 0');
  });

  it('it ends by itself in its own time: the deploy says that it waits for that, and what ends it', async () => {
    naught.write('boot', 'ignore');
    await naught.run(['deploy']);
    naught.remove('boot');
    const deploying = naught.begin(['deploy']);
    await deploying.says(
      "2 workers still wait for the application, which handles 'shutdown' itself, without a limit; naught deploy-abort ends it",
    );
    await naught.run(['deploy-abort']);
    const { stderr } = await deploying.ended;
    expect(stderr).toMatch(/OldExit\. .*\n.*OldExit\. /);
  });

  it('it disconnects its IPC channel', async () => {
    const old = await naught.worker(1);
    await naught.ask('/disconnect', 1);
    const worker = await eventually(async () => {
      const found = (await naught.status()).workers.find(
        ({ slot, state, pid }) => slot === 1 && state === 'online' && pid !== old,
      );
      return found?.pid;
    }, 30_000);
    expect(worker).not.toBe(old);
    await naught.settled('0 2 0 0');
    expect(await naught.facts(1)).toMatchObject({ pid: worker });
  });

  it('it disconnects its IPC channel as a new worker, while the deploy waits for others', async () => {
    naught.write('boot-1', 'wait:go');
    const deploying = naught.begin(['deploy']);
    await deploying.says('NewOnline. booting: 1, online: 2, dying: 0, new_online: 1');
    const fresh = (await naught.status()).workers.find(({ state }) => state === 'new_online')?.pid;
    await naught.ask(`/disconnect?pid=${fresh}`);
    await deploying.says('NewDeath. booting: 1, online: 2, dying: 0, new_online: 0');
    naught.write('go');
    expect(await deploying.ended).toMatchObject({ code: 1 });
    await naught.settled('0 2 0 0');
  });
});
