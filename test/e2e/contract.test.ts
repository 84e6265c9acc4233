import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { Contract } from '../support/contract.ts';
import { Naught, server } from '../support/naught.ts';

/** Stands between the command and a daemon, and compares what passes with the description that the daemon serves. */
class ValidatingProxy {
  readonly broken: string[] = [];
  readonly passed: string[] = [];
  readonly #server = createServer((asked, answer) => this.#pass(asked, answer));

  constructor(
    readonly contract: Contract,
    readonly to: string,
  ) {}

  async listen(path: string): Promise<void> {
    await new Promise<void>((listening) => this.#server.listen(path, listening));
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of asked) body += chunk;
    const { method = '', url = '', headers } = asked;
    const [verb, path] = [method.toLowerCase(), url.split('?')[0] ?? ''];
    this.passed.push(`${method} ${path}`);
    if (!this.contract.takes(url, verb, body)) this.broken.push(`asked ${method} ${url} ${body}`);
    const forwarded = request({ socketPath: this.to, path: url, method, headers, agent: false }, async (got) => {
      answer.writeHead(got.statusCode ?? 0, got.headers);
      let text = '';
      for await (const chunk of got) {
        text += chunk;
        answer.write(chunk);
      }
      answer.end();
      const [type = ''] = (got.headers['content-type'] ?? '').split(';');
      for (const item of type === 'application/x-ndjson' ? text.trimEnd().split('\n') : [text]) {
        const fits = this.contract.fits(JSON.parse(item), path, verb, got.statusCode ?? 0, type);
        if (!fits) this.broken.push(`answered ${method} ${path} ${got.statusCode} ${type} ${item}`);
      }
      if (path === '/stop') this.close();
    });
    forwarded.end(body);
  }

  close(): void {
    this.#server.close();
  }
}

it('everything that the command asks, and is answered, is as the served description says', async () => {
  await using naught = await Naught.withPort();
  await naught.start([server]);
  const { body } = await naught.call('GET', '/openapi.json');
  const proxy = new ValidatingProxy(new Contract(JSON.parse(body)), naught.path('naught.ipc'));
  await proxy.listen(naught.path('proxy.ipc'));
  const run = async (...words: string[]) => (await naught.run([...words, 'proxy.ipc'])).code;

  expect(await run('status')).toBe(0);
  expect(await run('deploy', '--worker-count', '2')).toBe(0);
  expect(await naught.run(['deploy', 'proxy.ipc'], { env: { BOOT: 'exit:3' } })).toMatchObject({ code: 1 });
  expect(await run('deploy-abort')).toBe(1);
  expect(await run('logs', '-n', '5')).toBe(0);
  expect(await run('events')).toBe(0);
  expect(await run('stop', '--timeout', '5')).toBe(0);

  expect(proxy.broken).toEqual([]);
  const asked = ['GET /status', 'POST /deploy', 'POST /deploy/abort', 'GET /logs', 'GET /events', 'POST /stop'];
  expect([...new Set(proxy.passed)].sort()).toEqual(asked.sort());
});

it('and the comparison would notice what is not', async () => {
  await using naught = await Naught.withPort();
  await naught.start([server]);
  const contract = new Contract(JSON.parse((await naught.call('GET', '/openapi.json')).body));
  expect(contract.takes('/logs?lines=5&follow=true', 'get', '')).toBe(true);
  expect(contract.takes('/logs?lines=-5', 'get', '')).toBe(false);
  expect(contract.takes('/logs?nonsense=1', 'get', '')).toBe(false);
  expect(contract.takes('/deploy', 'post', '{"nonsense":1}')).toBe(false);
  expect(contract.fits({ event: 5 }, '/deploy', 'post', 200, 'application/x-ndjson')).toBe(false);
});
