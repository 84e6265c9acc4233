import { hostname } from 'node:os';
import { configuredUrl, post } from '../webhook.js';

/** @type {import('naught2/plugin').Hook<'naught:deploy:after'>} */
export default async function tellFailure({ error, client, ipcFile, say }) {
  const url = configuredUrl();
  if (url === undefined || error === undefined) return;
  const { count, release } = await client.status();
  await post(
    url,
    `${hostname()}: the deploy at ${ipcFile} failed (${error.kind}): ${error.message}\n` +
      `Release ${release} goes on with ${count.online} workers.`,
  );
  say(`${url} has been told`);
}
