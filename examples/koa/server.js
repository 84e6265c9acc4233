// An ordinary Koa server. It knows nothing of naught: `naught start --online-on listening examples/koa/server.js`
import { setTimeout } from 'node:timers/promises';
import Koa from 'koa';

const version = process.env.VERSION ?? '1';
const app = new Koa();

app.use(async (context) => {
  if (context.method === 'POST') {
    let bytes = 0;
    for await (const chunk of context.req) bytes += chunk.length;
    context.body = { version, bytes };
    return;
  }
  if (context.path === '/slow') await setTimeout(300);
  context.body = { version, slot: process.env.NAUGHT_WORKER, pid: process.pid };
});

app.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', () =>
  console.log(`koa ${version} listens`),
);
