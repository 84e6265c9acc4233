import { Args, Command, connect, Flags } from 'naught2/plugin';
import { configuredUrl, post } from '../webhook.js';

export default class Test extends Command {
  static summary = 'Tell the webhook how the server is, to see that it works.';
  static examples = ['<%= config.bin %> notify test --url https://chat.example/hooks/1'];
  static args = { 'ipc-file': Args.string({ description: 'of the server', default: 'naught.ipc', ignoreStdin: true }) };
  static flags = { url: Flags.string({ description: 'the webhook; default: NAUGHT_NOTIFY_URL' }) };

  async run() {
    const { args, flags } = await this.parse(Test);
    const url = flags.url ?? configuredUrl();
    if (url === undefined) this.error('no webhook: give --url, or set NAUGHT_NOTIFY_URL', { exit: 2 });
    const client = await connect(args['ipc-file']);
    try {
      const { script, count } = await client.status();
      await post(url, `${script}: ${count.online} workers are online`);
      this.log(`${url} has been told`);
    } finally {
      await client.close();
    }
  }
}
