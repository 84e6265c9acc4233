import { describe, expect, it } from 'vitest';
import { Load } from '../../bench/load.ts';
import { eventually } from '../support/eventually.ts';
import { sendAndEnd } from '../support/http.ts';
import { Naught, program, server } from '../support/naught.ts';
import { descriptors, kill, processes } from '../support/processes.ts';

const controlOf = (daemon: number) =>
  processes().find(({ parent, title }) => parent === daemon && title === 'naught: control')?.pid;

describe('a control process that hangs', () => {
  it('is killed and started anew, and who asked meanwhile is answered by the next', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    const daemon = naught.pid() ?? 0;
    const load = new Load({ port: Number(naught.env.PORT), clients: 2 });
    const hung = controlOf(daemon);
    kill(hung, 'SIGSTOP');
    const stopped = Date.now();
    expect(await naught.run(['status'])).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
    expect(Date.now() - stopped).toBeLessThan(15_000);
    expect(controlOf(daemon)).not.toBe(hung);
    await naught.logged('control was started again: it hung, and was killed after 4 s');
    expect(await load.stop()).toMatchObject({ refused: 0, reset: 0, empty: 0, torn: 0, hung: 0 });
  });

  it('leaves the application its descriptors, whatever clients come', async () => {
    await using naught = await Naught.withPort();
    const command = `ulimit -n 200; exec ${process.execPath} ${program} start ${server}`;
    expect(await naught.run(['-c', command], { command: ['sh'] })).toMatchObject({ code: 0 });
    const daemon = naught.pid() ?? 0;
    const before = descriptors(daemon);
    expect(before).toBeLessThan(64);
    kill(controlOf(daemon), 'SIGSTOP');
    const asking = Array.from({ length: 120 }, () =>
      sendAndEnd(naught.path('naught.ipc'), 'GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    );
    await eventually(() => (descriptors(daemon) > before + 50 ? true : undefined));
    // All that the application needs is there: connections, and a worker in the place of one that died.
    const { pid } = await naught.facts();
    kill(pid);
    await eventually(async () => ((await naught.facts()).pid === pid ? undefined : true));
    const answers = await Promise.all(asking);
    const statuses = answers.map((answer) => answer.slice(9, 12));
    expect(statuses.filter((status) => status === '200').length).toBeGreaterThanOrEqual(60);
    expect(statuses.filter((status) => status !== '200' && status !== '503')).toEqual([]);
    await eventually(() => (descriptors(daemon) <= before + 2 ? true : undefined));
  });
});
