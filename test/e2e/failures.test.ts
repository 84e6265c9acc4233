import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, server } from '../support/naught.ts';

const words = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `    last words ${from + index}`).join('\n');

const crashed = 'The server crashed without booting. Check stderr.log.\n';
const failed = "Deploy failed. Check stderr.log and usage of 'online' and 'shutdown' events.\n";

describe('a start that fails shows which worker failed, how, and its last 20 lines on stderr', () => {
  it.each([
    ['exit:3', 'exited with code 3 before it was online'],
    ['exit:0', 'exited with code 0 before it was online'],
    ['kill', 'was killed by SIGKILL before it was online'],
  ])('%s', async (trouble, how) => {
    await using naught = await Naught.withPort({ LAST_WORDS: '25' });
    naught.write('boot-1', trouble);
    const begun = Date.now();
    const { code, stdout, stderr } = await naught.run(['start', '--worker-count', '2', server]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = trouble.startsWith('exit') ? `:\n${words(6, 25)}` : '';
    const reason = new RegExp(`\\nworker 1 \\(pid \\d+\\) ${how}${lines}\\n${crashed}$`);
    expect(stderr).toMatch(reason);
    expect(naught.read('naught.log')).toMatch(new RegExp(` error worker 1 \\(pid \\d+\\) ${how}`));
    if (lines !== '') expect(naught.read('naught.log')).toMatch(/: +last words 6 +last words 7 .* last words 25\n/);
    await eventually(() => (naught.exists('naught.ipc') ? undefined : true));
    // The other worker is given 5 s; without a need nobody waits for anything.
    expect(Date.now() - begun).toBeLessThan(20_000);
  });

  it('without what a terminal would act on, and the log has it as it is', async () => {
    await using naught = await Naught.withPort();
    const escapes = '\u001b]0;title\u0007\u009b2K';
    const script = naught.write(
      'boo\u001b[2K.js',
      `console.error(${JSON.stringify(`boom ${escapes}`)}); process.exit(1)`,
    );
    const { stderr } = await naught.run(['start', script]);
    expect(stderr).toContain('boom \\u001b]0;title\\u0007\\u009b2K\n');
    expect(naught.read('naught.log')).toContain('boom \\u001b]0;title\\u0007\\u009b2K');
    expect(naught.read('stderr.log')).toContain(`boom ${escapes}`);
    const wrong = await naught.run(['deploy', '--timeout', escapes]);
    const missing = await naught.run(['start', `gone${escapes}.js`]);
    const said = stderr + wrong.stderr + missing.stderr;
    expect(said.match(/\\u001b\]0;title/g)).toHaveLength(3);
    for (const text of [said, naught.read('naught.log')]) expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('when it is not online in time, whom that was waited for', async () => {
    await using naught = await Naught.withPort();
    naught.write('boot-1', 'silent');
    const { code, stderr } = await naught.run(['start', '--timeout', '2', '--worker-count', '2', server]);
    expect(code).toBe(1);
    const reason = /worker 1 \(pid \d+\) had not said 'online' after 2\.\d s:\n {4}worker 1 is silent\n/;
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/The server was not online in time\. Check stderr\.log\.\n$/);
    expect(await naught.run(['status'])).toMatchObject({ code: 1, stderr: 'server not running\n' });
  });

  it('in JSON too', async () => {
    await using naught = await Naught.withPort({ BOOT: 'exit:9', LAST_WORDS: '2' });
    const { code, stdout, stderr } = await naught.run(['start', '--json', server]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const detail = { slot: 0, how: 'died', exitCode: 9, stderr: ['last words 1', 'last words 2'] };
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 1006, data: { kind: 'boot-failed', detail } } });
  });

  it('with the name that was given to the log', async () => {
    await using naught = await Naught.withPort({ BOOT: 'throw' });
    const { stderr } = await naught.run(['start', '--stderr', 'logs/errors.txt', server]);
    expect(stderr).toMatch(
      /\n {4}Error: cannot serve\n[\s\S]*\nThe server crashed without booting\. Check logs\/errors\.txt\.\n$/,
    );
  });

  it('as soon as its last worker is gone', async () => {
    await using naught = await Naught.withPort({ BOOT: 'exit:3' });
    const begun = Date.now();
    await naught.run(['start', server]);
    // The logs of one that is gone are at their ends: nobody waits the 10 s that a pipe without an end is given.
    expect(Date.now() - begun).toBeLessThan(9_000);
    const [ready, shutdown] = [/Bootup/, /Shutdown/].map((event) => {
      const line =
        naught
          .read('naught.log')
          .split('\n')
          .find((each) => event.test(each)) ?? '';
      return Date.parse(line.split(' ')[0] ?? '');
    });
    expect((shutdown ?? Number.NaN) - (ready ?? Number.NaN)).toBeLessThan(5_000);
  });
});

describe('a deploy that fails shows which worker failed, how, and its last 20 lines on stderr', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start();
    return () => naught[Symbol.asyncDispose]();
  });

  it.each([
    ['exit:3', `worker 0 \\(pid \\d+\\) exited with code 3 before it was online:\n${words(6, 25)}`],
    ['exit:0', `worker 0 \\(pid \\d+\\) exited with code 0 before it was online:\n${words(6, 25)}`],
    ['kill', 'worker 0 \\(pid \\d+\\) was killed by SIGKILL before it was online'],
    ['silent', `worker 0 \\(pid \\d+\\) had not said 'online' after 2\\.\\d s:\n {4}worker 0 is silent`],
  ])('%s', async (trouble, reason) => {
    const before = await naught.status();
    const timeout = trouble === 'silent' ? '2' : 'none';
    const deployed = await naught.run(['deploy', '--timeout', timeout], { env: { BOOT: trouble, LAST_WORDS: '25' } });
    expect(deployed).toMatchObject({ code: 1, stdout: '' });
    expect(deployed.stderr).toMatch(new RegExp(`\\n${reason}\\n${failed}$`));
    const logged = reason.split('\n')[0] ?? '';
    expect(naught.read('naught.log')).toMatch(new RegExp(` error ${logged}`));
    expect(await naught.status()).toMatchObject({ release: 1, workers: [{ pid: before.workers[0]?.pid }] });
  });

  it('the API gives it to a program', async () => {
    const body = JSON.stringify({ environment: { BOOT: 'exit:4', LAST_WORDS: '1' } });
    const { body: text } = await naught.call('POST', '/deploy', { body });
    const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({
      error: {
        code: 1004,
        message: expect.stringMatching(
          /^worker 0 \(pid \d+\) exited with code 4 before it was online:\n {4}last words 1$/,
        ),
        data: { kind: 'deploy-failed', detail: { slot: 0, exitCode: 4, how: 'died', stderr: ['last words 1'] } },
      },
    });
    const waited = await naught.call('POST', '/deploy', { body, headers: { accept: 'application/json' } });
    expect(waited).toMatchObject({ status: 500, type: 'application/problem+json' });
    expect(JSON.parse(waited.body)).toMatchObject({ type: 'urn:naught:deploy-failed', error: { code: 1004 } });
  });
});
