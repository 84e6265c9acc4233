import { setTimeout } from 'node:timers/promises';

/** What a framework such as Next.js does to a server: it compiles before it can answer, and sends a page in pieces. */
export function framework({ version }) {
  let pages;
  return {
    async prepare() {
      await setTimeout(100);
      pages = { '/': 0, '/slow': 100 };
    },
    getRequestHandler() {
      return async (_request, response, { pathname }) => {
        const pause = pages[pathname];
        response.writeHead(pause === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
        for (const piece of [`<title>${version}</title>`, `<p>${pathname}</p>`, `<p>${process.pid}</p>`]) {
          response.write(piece);
          if (pause) await setTimeout(pause);
        }
        response.end();
      };
    },
  };
}
