import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Naught, root, server } from '../support/naught.ts';

const notify = join(root, 'examples/plugin-notify');

describe('plugins', () => {
  let naught: Naught;
  const data = () => naught.path('data/naught');
  beforeAll(async () => {
    naught = await Naught.withPort({ BOOT: '' });
    naught.env.XDG_DATA_HOME = naught.path('data');
    await naught.start([server]);
    return () => naught[Symbol.asyncDispose]();
  });
  afterEach(() => rmSync(data(), { recursive: true, force: true }));

  /** Makes a plugin of these files, and links it. */
  async function linked(files: Record<string, string>, packageJson: object = {}, name = 'naught-plugin-x') {
    const hooks = Object.fromEntries(
      Object.keys(files)
        .filter((file) => file.startsWith('naught-'))
        .map((file) => [file.replaceAll('-', ':').replace('.mjs', ''), `./${file}`]),
    );
    for (const [file, text] of Object.entries(files)) naught.write(`${name}/${file}`, text);
    naught.write(`${name}/package.json`, JSON.stringify({ name, version: '1.2.3', oclif: { hooks }, ...packageJson }));
    const ran = await naught.run(['plugins', 'link', name]);
    expect(ran).toMatchObject({ code: 0, stdout: `linked ${name} 1.2.3\n`, stderr: '' });
    return name;
  }

  it('there are none at first, and nothing is made for them', async () => {
    expect(await naught.run(['plugins'])).toMatchObject({ code: 0, stdout: 'no plugins are installed\n' });
    expect(await naught.run(['plugins', '--json'])).toMatchObject({ stdout: '[]\n' });
    expect(existsSync(data())).toBe(false);
  });

  it('a hook is told every event of a deploy and its outcome, and has a client', async () => {
    await linked({
      'naught-event.mjs': "export default ({ event, say }) => say('saw ' + event.event);",
      'naught-deploy-before.mjs': `export default async ({ client, params, say }) => {
        const { count } = await client.status();
        say('before: ' + count.online + ' online, ' + Object.keys(params));
      };`,
      'naught-deploy-after.mjs': "export default ({ outcome, say }) => say('after: release ' + outcome.release);",
    });
    const { code, stderr } = await naught.run(['deploy', '--override-env', 'false']);
    expect(code).toBe(0);
    const said = stderr.split('\n').filter((line) => line.startsWith('naught: '));
    expect(said[0]).toMatch(/^naught: before: 1 online, .*workerCount/);
    expect(said.slice(1, -1)).toEqual(
      expect.arrayContaining(['naught: saw SpawnNew', 'naught: saw NewOnline', 'naught: saw OldExit']),
    );
    expect(said.at(-1)).toMatch(/^naught: after: release \d+$/);
    expect(stderr).toMatch(/done\n$/);
  });

  it('a hook may refuse a deploy, with its message and exit code, and nothing has happened', async () => {
    await linked({
      'naught-deploy-before.mjs': "export default ({ refuse }) => refuse('it is Friday', { exit: 7 });",
      'naught-deploy-after.mjs': "export default ({ say }) => say('after');",
    });
    const before = await naught.status();
    const message = 'the plugin naught-plugin-x refuses the deploy: it is Friday';
    expect(await naught.run(['deploy'])).toMatchObject({ code: 7, stdout: '', stderr: `${message}\n` });
    const { code, stdout } = await naught.run(['deploy', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      7,
      { error: { message, data: { kind: 'refused', detail: { exit: 7 } } } },
    ]);
    expect((await naught.status()).release).toBe(before.release);
  });

  it('a hook that throws, or a plugin that cannot be loaded, is named with the remedy, and the deploy goes on', async () => {
    await linked({
      'naught-event.mjs': "export default () => { throw new Error('oops'); };",
      'naught-deploy-before.mjs': "import './missing.mjs';",
      'naught-deploy-after.mjs': 'export const other = 1;',
    });
    const { code, stderr } = await naught.run(['deploy', '--override-env', 'false']);
    expect(code).toBe(0);
    const said = stderr.split('\n').filter((line) => line.startsWith('naught: '));
    expect(said).toHaveLength(3);
    const remedy = '; `naught plugins uninstall naught-plugin-x` removes it';
    expect(said[0]).toMatch(
      /^naught: the plugin naught-plugin-x failed in its hook naught:deploy:before: Cannot find module .*missing\.mjs/,
    );
    expect(said[1]).toBe(`naught: the plugin naught-plugin-x failed in its hook naught:event: oops${remedy}`);
    expect(said[2]).toContain('exports no function `default`');
    rmSync(naught.path('naught-plugin-x'), { recursive: true });
    const gone = await naught.run(['deploy', '--override-env', 'false']);
    expect(gone).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('the plugin naught-plugin-x cannot be loaded: there is no'),
    });
    expect(await naught.run(['plugins', 'uninstall', 'naught-plugin-x'])).toMatchObject({ code: 0 });
    expect(existsSync(join(data(), 'package.json'))).toBe(false);
  });

  it('what a plugin throws outside its hooks does not end the command', async () => {
    await linked({
      'naught-event.mjs':
        "export default () => { setTimeout(() => { throw new Error('late'); }); Promise.reject(new Error('lost')); };",
    });
    const { code, stderr } = await naught.run(['deploy', '--override-env', 'false']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/done\n$/)]);
    expect(stderr).toContain('naught: the plugin naught-plugin-x failed: late; ');
    expect(stderr).toContain('naught: the plugin naught-plugin-x failed: lost; ');
  });

  it('a plugin for another version is not linked, and not used', async () => {
    naught.write(
      'naught-plugin-y/package.json',
      JSON.stringify({
        name: 'naught-plugin-y',
        version: '3.0.0',
        peerDependencies: { naught2: '^3.0.0' },
        oclif: { hooks: { 'naught:event': './e.mjs' } },
      }),
    );
    const { version } = await naught.status();
    expect(await naught.run(['plugins', 'link', 'naught-plugin-y'])).toMatchObject({
      code: 1,
      stderr: `naught-plugin-y 3.0.0 is made for naught2 ^3.0.0, and this is ${version}: it is not installed\n`,
    });
    naught.write(
      'data/naught/package.json',
      JSON.stringify({
        oclif: { plugins: [{ name: 'naught-plugin-y', type: 'link', root: naught.path('naught-plugin-y') }] },
      }),
    );
    const said = expect.stringContaining(
      `naught: the plugin naught-plugin-y 3.0.0 is made for naught2 ^3.0.0, and this is ${version}: it is not used; \`naught plugins uninstall naught-plugin-y\` removes it\n`,
    );
    expect(await naught.run(['deploy', '--override-env', 'false'])).toMatchObject({ code: 0, stderr: said });
  });

  it.each([
    ['link', 'nowhere', /is no plugin: there is no .*nowhere\/package\.json/],
    ['link', 'bare', /bare is no plugin of naught: its package\.json names no `oclif\.hooks` and no `oclif\.commands`/],
    ['install', './missing.tgz', /npm install failed: .*missing\.tgz/],
    ['uninstall', 'unknown', /no plugin `unknown` is installed/],
    ['inspect', 'unknown', /no plugin `unknown` is installed/],
  ])('plugins %s %s: what is wrong is said', async (action, plugin, said) => {
    naught.write('bare/package.json', '{"name":"bare","version":"1.0.0"}');
    expect(await naught.run(['plugins', action, plugin])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(said),
    });
    expect(existsSync(join(data(), 'package.json'))).toBe(false);
  });

  it.each([
    [['remove', 'x'], 'unknown action `remove`'],
    [['install'], 'plugins install: missing the plugin'],
  ])('plugins %j is wrong usage', async (args, said) => {
    expect(await naught.run(['plugins', ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  });

  it('a list that cannot be read is named', async () => {
    naught.write('data/naught/package.json', '{');
    expect(await naught.run(['deploy', '--override-env', 'false'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('data/naught/package.json cannot be read'),
    });
    expect(await naught.run(['nonsense'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown command'),
    });
  });

  it('the hook of docs/plugins.md lets a deploy pass, or refuses it', async () => {
    const page = readFileSync(join(root, 'docs/plugins.md'), 'utf8');
    const [, packageJson = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const [, hook = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    naught.write('freeze/package.json', packageJson);
    naught.write('freeze/before.js', hook);
    await naught.run(['plugins', 'link', 'freeze']);
    const passed = await naught.run(['deploy', '--override-env', 'false']);
    expect(passed).toMatchObject({ code: 0, stderr: expect.stringContaining('naught: 1 workers are replaced\n') });
    const refused = await naught.run(['deploy'], { env: { FROZEN: 'Monday' } });
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('nothing is deployed before Monday') });
  });

  describe('plugin-notify', () => {
    const told: string[] = [];
    let url = '';
    beforeAll(async () => {
      const hook = createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        told.push(JSON.parse(body).text);
        response.end();
      });
      await new Promise<void>((listening) => hook.listen(0, '127.0.0.1', listening));
      url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
      return () => hook.close();
    });

    /** Its two parts at work. */
    async function works(): Promise<void> {
      told.length = 0;
      const failed = await naught.run(['deploy'], { env: { BOOT: 'exit:3', NAUGHT_NOTIFY_URL: url } });
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(`naught: ${url} has been told\n`) });
      expect(told).toEqual([
        expect.stringMatching(
          /the deploy at .*naught\.ipc failed \(deploy-failed\): .*\n[\s\S]*Release \d+ goes on with 1 workers\.$/,
        ),
      ]);
      const tried = await naught.run(['notify', 'test', '--url', url]);
      expect(tried).toEqual({ code: 0, signal: null, stdout: `${url} has been told\n`, stderr: '' });
      expect(told[1]).toBe(`${server}: 1 workers are online`);
      expect(await naught.run(['notify', 'test'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('no webhook'),
      });
      expect(await naught.run(['help'])).toMatchObject({ stdout: expect.stringContaining('notify') });
      expect(await naught.run(['notify', 'test', '--help'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('naught notify test --url https://chat.example'),
      });
      const inspected = await naught.run(['plugins', 'inspect', 'naught-plugin-notify', '--json']);
      expect(JSON.parse(inspected.stdout)).toMatchObject({
        naught2: '>=2.0.0 <3',
        hooks: ['naught:deploy:after'],
        commands: [{ id: 'notify:test' }],
      });
    }

    it('the commands of docs/plugins.md do what the page says', async () => {
      const page = readFileSync(join(root, 'docs/plugins.md'), 'utf8');
      const commands = [...page.matchAll(/^naught (.*)$/gm)].map(([, words = '']) => words);
      expect(commands.length).toBeGreaterThan(5);
      spawnSync('npm', ['pack', '--pack-destination', naught.dir], { cwd: notify });
      cpSync(notify, naught.path('plugin-notify'), { recursive: true });
      for (const words of commands) {
        const { code, stderr } = await naught.run(words.replace('$NAUGHT_NOTIFY_URL', url).split(' '));
        expect([words, code, stderr]).toEqual([words, 0, '']);
      }
    });

    it('is linked, and works', async () => {
      cpSync(notify, naught.path('notify'), { recursive: true });
      expect(await naught.run(['plugins', 'link', './notify'])).toMatchObject({
        code: 0,
        stdout: 'linked naught-plugin-notify 1.0.0\n',
      });
      await works();
      expect(await naught.run(['plugins', 'uninstall', './notify'])).toMatchObject({
        code: 0,
        stdout: 'removed naught-plugin-notify\n',
      });
    });

    it('is installed from its tarball, works, and is removed', async () => {
      spawnSync('npm', ['pack', '--pack-destination', naught.dir], { cwd: notify });
      const installed = await naught.run(['plugins', 'install', './naught-plugin-notify-1.0.0.tgz']);
      expect(installed).toMatchObject({ code: 0, stdout: 'installed naught-plugin-notify 1.0.0\n', stderr: '' });
      await works();
      expect(await naught.run(['plugins', 'install', './naught-plugin-notify-1.0.0.tgz'])).toMatchObject({ code: 0 });
      expect(await naught.run(['plugins'])).toMatchObject({ stdout: 'naught-plugin-notify 1.0.0\n' });
      expect(await naught.run(['plugins', 'uninstall', 'naught-plugin-notify'])).toMatchObject({ code: 0 });
      expect(readdirSync(data())).toEqual([]);
      expect(await naught.run(['notify', 'test'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('unknown command `notify`'),
      });
    });
  });
});
